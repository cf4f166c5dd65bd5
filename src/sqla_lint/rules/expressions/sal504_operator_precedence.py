"""SAL504: `&` and `|` between comparisons without parentheses."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Operation,
    Replace,
    Report,
    Rewrite,
    Severity,
    kinds,
    operations,
    rule,
)


@rule(
    "SAL504",
    "operator-precedence",
    severity=Severity.ERROR,
    fix="safe",
    on=operations("boolop", names=["chain"]),
)
def operator_precedence(operation: Operation) -> Iterator[Report]:
    """`&` or `|` stands between comparisons that are not in parentheses.

    ## What it does
    Reports `A.x == 1 & A.y == 2`, which Python reads as the chain `A.x == (1 & A.y) == 2`.

    ## Why is this bad?
    `TypeError` with a plain value beside the operator; with columns on both sides wrong SQL, of
    which only one side is left.

    ## Example
    ```python
    select(User).where(User.name == "ann" & User.age == 30)
    ```

    ## Use instead
    ```python
    select(User).where((User.name == "ann") & (User.age == 30))
    ```

    ## Fix safety
    Safe: there is one possible intent.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Two comparisons with one operator between them.

    ## References
    SQLAlchemy docs, "Operator Reference": Conjunction Operators, Parentheses and Grouping.
    """
    op = operation.op
    if op.do != "boolop" or op.name != "chain" or len(op.args) != 2:
        return
    function = operation.function
    first, second = (function.maker(arg.value) for arg in op.args)
    if first is None or second is None or first.op.args[0].value != second.op.on:
        return
    middle = function.maker(second.op.on)
    if middle is None or middle.op.do != "binop" or middle.op.name not in ("&", "|"):
        return
    if kinds.COLUMN_EXPR not in (first.on.name, *(kind.name for kind in middle.arg_kinds)):
        return
    left, right = middle.op.args
    refs = (op.at + 1, left.at, right.at, second.op.args[0].at)
    template = f"({{0}} {first.op.name} {{1}}) {middle.op.name} ({{2}} {second.op.name} {{3}})"
    yield Report(
        op.at,
        f"`{middle.op.name}` binds closer than the comparisons beside it: TypeError, or wrong SQL",
        help="put both comparisons in parentheses",
        rewrite=Rewrite("add parentheses", Applicability.SAFE, (Replace(op.at, template, refs),)),
    )
