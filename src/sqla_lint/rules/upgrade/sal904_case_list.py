"""SAL904: a list of conditions for `case()`."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Arg,
    Kind,
    Operation,
    Replace,
    Report,
    Rewrite,
    Severity,
    Unbracket,
    elements,
    is_display,
    kinds,
    of_every_version,
    operations,
    rule,
    sqlalchemy_name,
)


@rule(
    "SAL904",
    "case-list",
    severity=Severity.ERROR,
    fix="safe",
    versions="2.0, 2.1",
    on=operations("call"),
)
@of_every_version
def case_list(operation: Operation) -> Iterator[Report]:
    """The conditions of `case()` are given as a list, or by keyword.

    ## What it does
    Reports `case([(condition, value), ...])` and `case(whens=...)`.

    ## Why is this bad?
    Removed in 2.0: `ArgumentError` or `TypeError` as soon as the expression is built.

    ## Example
    ```python
    size = case([(items.c.stock > 10, "many")], else_="few")
    ```

    ## Use instead
    ```python
    size = case((items.c.stock > 10, "many"), else_="few")
    ```

    ## Fix safety
    Safe: both spellings mean the same in 1.4, and only the new one works in 2.0.

    ## Versions
    2.0 and 2.1; the new spelling also works in 1.4.

    ## Limits
    Names whose value is not surely a list are left alone.

    ## References
    SQLAlchemy docs, "2.0 Migration": case() conditions by position.
    """
    if sqlalchemy_name(operation) != "sqlalchemy.case" or operation.function.target < (2, 0):
        return
    op = operation.op
    for arg, kind in zip(op.args, operation.arg_kinds, strict=True):
        if arg.star or (arg.keyword is None and arg is not op.args[0]):
            continue
        if arg.keyword not in (None, "whens"):
            continue
        listed = elements(operation.function, arg, kind)
        if arg.keyword is None and (listed is None or _is_condition(operation, arg, kind)):
            continue
        what = "not in a list" if arg.keyword is None else "not as `whens`"
        yield Report(
            op.at,
            f"`case()` takes its conditions one by one, {what}: removed in SQLAlchemy 2.0",
            help="write `case((condition, value), ..., else_=...)`",
            rewrite=_one_by_one(operation, arg, listed),
        )


def _is_condition(operation: Operation, arg: Arg, kind: Kind) -> bool:
    """`case((condition, value))`: one pair, which looks like a tuple of two."""
    made = operation.function.maker(arg.value)
    if made is None or made.op.do != "pack":
        return kind.name == kinds.TUPLE  # a variable: one pair as well as several
    return made.op.name == "tuple" and not all(k.name == kinds.TUPLE for k in made.arg_kinds)


def _one_by_one(
    operation: Operation, arg: Arg, listed: tuple[str, tuple[int, ...]] | None
) -> Rewrite | None:
    what = "give the conditions one by one"
    if arg.keyword is not None:
        first = operation.op.args[0] is arg
        if not first:
            return None
        template, refs = listed if listed is not None else ("{0}", (arg.at,))
        # the argument begins two nodes before its value: itself, and its keyword
        edit = Replace(arg.at - 2, template, refs)
        return Rewrite(what, Applicability.SAFE, (edit,))
    if is_display(operation.function, arg.value):
        return Rewrite(what, Applicability.SAFE, (Unbracket(arg.at),))
    edit = Replace(arg.at - 1, "*{0:primary}", (arg.at,))
    return Rewrite(what, Applicability.SAFE, (edit,))
