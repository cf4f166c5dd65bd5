"""SAL531: a datetime without a time zone meets one with it."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Operation, Report, Severity, kinds, mixed_datetimes, operations, rule


@rule(
    "SAL531",
    "naive-with-aware",
    group="preview",
    severity=Severity.ERROR,
    on=operations("compare", "binop", names=["<", ">", "<=", ">=", "-"], present=[kinds.ENTITY]),
)
def naive_with_aware(operation: Operation) -> Iterator[Report]:
    """A value of a `DateTime` column is compared with a datetime that has a time zone.

    ## What it does
    Reports `row.expires_at < datetime.now(timezone.utc)` and differences of the two, where a query
    gave the row and its column is a `DateTime` without `timezone=True`.

    ## Why is this bad?
    Such a column gives datetimes without a time zone, whatever was written: `TypeError: can't
    compare offset-naive and offset-aware datetimes`.

    ## Example
    ```python
    token = session.scalars(select(Token)).one()
    return token.expires_at > datetime.now(timezone.utc)
    ```

    ## Use instead
    ```python
    token = session.scalars(select(Token)).one()
    return token.expires_at > datetime.now(timezone.utc).replace(tzinfo=None)
    ```

    ## Fix safety
    No fix: `DateTime(timezone=True)` and a migration, or times without a zone everywhere, the
    author must say.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Only rows that a query gave, in functions that do not set such an attribute, and
    `datetime.now()` with a time zone. `==` is not reported, which is false and raises nothing; nor
    are columns with `timezone=True`, which give zones on some databases alone.

    ## References
    SQLAlchemy docs, "The Type Hierarchy": DateTime.timezone.
    """
    found = mixed_datetimes(operation)
    if found is not None:
        yield Report(
            operation.at,
            f"`{found.attribute}` has no time zone, the other datetime has one: TypeError",
            help="make the column `DateTime(timezone=True)`, or compare times without a zone",
        )
