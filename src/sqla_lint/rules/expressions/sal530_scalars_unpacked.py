"""SAL530: several columns are selected, and `scalars()` gives the first alone."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Operation, Report, Severity, operations, rule, unpacked_scalars


@rule(
    "SAL530",
    "scalars-unpacked",
    group="preview",
    severity=Severity.ERROR,
    on=operations("next"),
)
def scalars_unpacked(operation: Operation) -> Iterator[Report]:
    """Rows of several columns are expected of `scalars()`, which gives the first column.

    ## What it does
    Reports a loop over `session.scalars(select(A.x, A.y))`, or over `.scalars().all()`, that
    unpacks each element.

    ## Why is this bad?
    An element is the value of the first column: unpacking it raises `ValueError` or `TypeError`,
    or takes a text apart into its letters.

    ## Example
    ```python
    for name, age in session.scalars(select(User.name, User.age)):
        ...
    ```

    ## Use instead
    ```python
    for name, age in session.execute(select(User.name, User.age)):
        ...
    ```

    ## Fix safety
    No fix: rows, or the first column alone, the author must say.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Only statements that are known to select several things.

    ## References
    SQLAlchemy docs, "Connections": Result.scalars().
    """
    names = unpacked_scalars(operation)
    if names:
        yield Report(
            operation.at,
            f"`scalars()` gives the first of {names} selected columns alone: there is nothing to"
            " unpack",
            help="take the rows: `execute(...)` without `scalars()`",
        )
