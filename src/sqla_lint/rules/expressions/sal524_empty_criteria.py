"""SAL524: a criterion that is no criterion."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Call,
    Const,
    Operation,
    Report,
    Severity,
    calls,
    empty_criteria_of,
    kinds,
    rule,
)

_FILTERED = frozenset({kinds.QUERY, kinds.SELECT, kinds.UPDATE, kinds.DELETE})
_WRITES = frozenset({kinds.UPDATE, kinds.DELETE})
_IN = frozenset({"in_", "not_in", "notin_"})


@rule(
    "SAL524",
    "empty-criteria",
    severity=Severity.ERROR,
    on=calls("where", "filter", *_IN, receivers=_FILTERED | {kinds.COLUMN_EXPR}),
)
def empty_criteria(call: Call) -> Iterator[Report]:
    """A criterion is None, compares with None in a list, or may be missing from a write.

    ## What it does
    Reports `where(None)` and `filter(criterion if wanted else None)`, and None in the list of
    `in_()` or `not_in()`; and an UPDATE or DELETE whose only criteria are a list that is filled on
    some ways only, or has one criterion for each element of a parameter that nobody looks at:
    `delete(User).where(*criteria)`, `delete(User).where(or_(*[User.name == n for n in names]))`.

    ## Why is this bad?
    `where(None)` is `WHERE NULL`: no row, not every row. NULL is equal to nothing: `in_([None])`
    never finds the rows without a value, `not_in([1, None])` finds no row at all. A write
    without a criterion reaches every row.

    ## Example
    ```python
    session.query(User).filter(User.name == name if name else None)
    ```

    ## Use instead
    ```python
    session.query(User).filter(User.name == name if name else true())
    ```

    ## Fix safety
    No fix: which rows are meant, the author must say.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Only None that is written in place. A list that something else looks at is not reported.

    ## References
    SQLAlchemy docs, "Operator Reference": IN Comparisons.
    """
    if call.name in ("where", "filter") and call.on.name in _WRITES:
        source = empty_criteria_of(call) if "all-rows" in call.on.traits else ""
        if source:
            yield Report(
                call.at,
                f"nothing may be in `{source}`: this {call.on.name} then reaches every row",
                help=f"return, or raise, when `{source}` is empty",
            )
    if call.name in ("where", "filter") and call.on.name in _FILTERED:
        for arg in call.op.args:
            if arg.star or arg.keyword:
                continue
            chosen = call.function.maker(arg.value)
            if _is_none(arg.value) or (chosen is not None and _may_choose_none(chosen)):
                yield Report(
                    arg.at,
                    "None as a criterion is `WHERE NULL`: no row is found",
                    help="leave the call out, or use `true()`",
                )
    elif call.name in _IN and call.on.name == kinds.COLUMN_EXPR and len(call.op.args) == 1:
        given = call.function.maker(call.op.args[0].value)
        if given is None or given.op.do != "pack" or given.op.name not in ("list", "tuple", "set"):
            return
        if any(_is_none(arg.value) for arg in given.op.args):
            never = "never true for NULL" if call.name == "in_" else "true of no row"
            yield Report(
                given.at,
                f"`{call.name}()` of a list with None is {never}",
                help="ask for NULL apart: `or_(column.in_(values), column.is_(None))`",
            )


def _is_none(operand: object) -> bool:
    return isinstance(operand, Const) and operand.value is None


def _may_choose_none(chosen: Operation) -> bool:
    op = chosen.op
    return op.do == "ifelse" and any(_is_none(arg.value) for arg in op.args)
