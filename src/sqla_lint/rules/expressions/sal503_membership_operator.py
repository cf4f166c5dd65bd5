"""SAL503: `in` and `not in` with a column."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Applicability,
    Compare,
    Replace,
    Report,
    Rewrite,
    Severity,
    is_expression,
    operations,
    rule,
)


@rule(
    "SAL503",
    "membership-operator",
    severity=Severity.ERROR,
    fix="safe",
    on=operations("compare", names=["in", "not in"]),
)
def membership_operator(compare: Compare) -> Iterator[Report]:
    """A column is tested with `in` or `not in`.

    ## What it does
    Reports `Model.attribute in values` and `value in Model.attribute` where the answer is used as
    a value.

    ## Why is this bad?
    Python answers, not the database: `in` a list is constantly false and `not in` constantly true,
    so that `delete(User).where(User.id not in keep)` deletes every row. `value in User.name` raises
    `NotImplementedError`.

    ## Example
    ```python
    select(User).where(User.id in ids)
    ```

    ## Use instead
    ```python
    select(User).where(User.id.in_(ids))
    ```

    ## Fix safety
    Safe: there is one possible intent. Nothing is offered for a column on the right.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    A membership test that only decides an `if` compares Python objects and is not reported.

    ## References
    SQLAlchemy docs, "Operator Reference": IN Comparisons.
    """
    if compare.operator not in ("in", "not in") or compare.is_only_tested:
        return
    left, right = compare.operands
    method = "in_" if compare.operator == "in" else "not_in"
    if is_expression(left, compare.left):
        always = "false" if compare.operator == "in" else "true"
        refs = (compare.at + 1, compare.op.args[0].at)
        yield Report(
            compare.at,
            f"`{compare.operator}` is decided by Python, not by the database: the criterion is"
            f" always {always}",
            help=f"use `.{method}(...)`",
            rewrite=None
            if refs[0] == refs[1]
            else Rewrite(
                f"use `.{method}()`",
                Applicability.SAFE,
                (Replace(compare.at, f"{{0:primary}}.{method}({{1}})", refs),),
            ),
        )
    elif is_expression(right, compare.right):
        yield Report(
            compare.at,
            f"`{compare.operator}` on a column raises NotImplementedError",
            help="use `.contains(...)`, or `.any()` of a relationship",
        )
