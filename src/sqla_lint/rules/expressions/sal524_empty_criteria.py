"""SAL524: a criterion that is no criterion."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Arg,
    Call,
    Const,
    Import,
    Operation,
    Replace,
    Report,
    Rewrite,
    Severity,
    calls,
    empty_criteria_of,
    kinds,
    receiver,
    rule,
)

_FILTERED = frozenset({kinds.QUERY, kinds.SELECT, kinds.UPDATE, kinds.DELETE})
_WRITES = frozenset({kinds.UPDATE, kinds.DELETE})
_IN = frozenset({"in_", "not_in", "notin_"})


@rule(
    "SAL524",
    "empty-criteria",
    severity=Severity.ERROR,
    fix="unsafe",
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
    Unsafe: other rows are found. None becomes `true()`; a list with None becomes one without, and
    `in_()` asks for NULL beside it, where list and column are written in place. A write whose
    criteria may be missing, or are None, has no fix: which rows are meant, the author must say.

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
            nothing = arg if _is_none(arg.value) else _none_of(chosen)
            if nothing is not None:
                yield Report(
                    arg.at,
                    "None as a criterion is `WHERE NULL`: no row is found",
                    help="leave the call out, or use `true()`",
                    rewrite=Rewrite(
                        "use `true()`",
                        Applicability.UNSAFE,
                        (Replace(nothing.at, "{true}()"), Import("sqlalchemy", "true")),
                    )
                    if _only_reads(call)
                    else None,
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
                rewrite=_apart(call, given),
            )


def _is_none(operand: object) -> bool:
    return isinstance(operand, Const) and operand.value is None


def _only_reads(call: Call) -> bool:
    """What is filtered here is not written: `true()` would be every row."""
    return call.on.name not in _WRITES and not any(
        other.name in ("update", "delete") and other.on.name == kinds.QUERY
        for other in call.function.calls()
    )


def _none_of(chosen: Operation | None) -> Arg | None:
    """None as one of the two that ``x if test else y`` gives."""
    if chosen is None or chosen.op.do != "ifelse":
        return None
    return next((arg for arg in chosen.op.args if _is_none(arg.value)), None)


def _apart(call: Call, given: Operation) -> Rewrite | None:
    """`x.in_([1, None])` as `or_(x.in_([1]), x.is_(None))`; `x.not_in([1, None])` loses the None:
    NULL is not among what it finds anyway."""
    values = [arg for arg in given.op.args if not _is_none(arg.value)]
    nothing = len(given.op.args) - len(values)
    if given.op.name != "list" or any(arg.star for arg in values):
        return None
    column = receiver(call.op)
    refs = tuple(arg.at for arg in values)
    if not values:
        method = "is_" if call.name == "in_" else "is_not"
        return _unsafe((Replace(call.at, f"{{0:primary}}.{method}(None)", (column,)),))
    if call.name != "in_":
        listed = ", ".join(f"{{{number}}}" for number in range(len(values)))
        return _unsafe((Replace(given.at, f"[{listed}]", refs),)) if nothing else None
    listed = ", ".join(f"{{{number}}}" for number in range(1, len(values) + 1))
    template = f"{{or_}}({{0:primary}}.in_([{listed}]), {{0:primary}}.is_(None))"
    return _unsafe((Replace(call.at, template, (column, *refs)), Import("sqlalchemy", "or_")))


def _unsafe(edits: tuple[Replace | Import, ...]) -> Rewrite:
    return Rewrite("ask for NULL apart", Applicability.UNSAFE, edits)
