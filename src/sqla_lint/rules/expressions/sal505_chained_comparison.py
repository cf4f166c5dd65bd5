"""SAL505: `1 < column < 5`."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Import,
    Operation,
    Replace,
    Report,
    Rewrite,
    Severity,
    is_expression,
    operations,
    rule,
)


@rule(
    "SAL505",
    "chained-comparison",
    severity=Severity.ERROR,
    fix="safe",
    on=operations("boolop", names=["chain"]),
)
def chained_comparison(operation: Operation) -> Iterator[Report]:
    """A column stands in a chain of comparisons.

    ## What it does
    Reports `1 < User.age < 5`, `Lease.start <= now <= Lease.end` and the like.

    ## Why is this bad?
    Python joins the two comparisons with its own `and`: `<` and `>` raise `TypeError: Boolean
    value of this clause is not defined`, and `a == User.age == b` silently loses one side.

    ## Example
    ```python
    select(User).where(18 <= User.age < 65)
    ```

    ## Use instead
    ```python
    select(User).where(and_(18 <= User.age, User.age < 65))
    ```

    ## Fix safety
    Safe: there is one possible intent.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Chains of two comparisons that begin with a column or have one in the middle.

    ## References
    SQLAlchemy docs, "Operator Reference": Between Comparisons.
    """
    op = operation.op
    if op.do != "boolop" or op.name != "chain" or len(op.args) != 2:
        return
    function = operation.function
    first, second = (function.maker(arg.value) for arg in op.args)
    if first is None or second is None or function.only_tested(op.dst):
        return
    middle = function.maker(second.op.on)
    if middle is not None and middle.op.do == "binop" and middle.op.name in ("&", "|"):
        return  # SAL504
    between = is_expression(second.op.on, second.on)
    if not between and not is_expression(first.op.on, first.on):
        return
    refs = (op.at + 1, first.op.args[0].at, second.op.args[0].at)
    template = f"{{and_}}({{0}} {first.op.name} {{1}}, {{1}} {second.op.name} {{2}})"
    yield Report(
        op.at,
        "Python joins a chained comparison with its own `and`: TypeError, or one side is lost",
        help="write both comparisons, joined by `and_()`, or use `between()`",
        rewrite=Rewrite(
            "use `and_()`",
            Applicability.SAFE,
            (Replace(op.at, template, refs), Import("sqlalchemy", "and_")),
        )
        if between or middle is None
        else None,  # a call would be made twice
    )
