"""SAL531: a datetime without a time zone meets one with it."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    Function,
    Note,
    Report,
    Severity,
    functions_with,
    kinds,
    mixed_moments,
    rule,
)


@rule(
    "SAL531",
    "naive-with-aware",
    group="preview",
    severity=Severity.ERROR,
    on=functions_with(kinds.ENTITY),
)
def naive_with_aware(function: Function) -> Iterator[Report]:
    """A value of a `DateTime` column is compared with a datetime that has a time zone.

    ## What it does
    Reports `row.expires_at < datetime.now(timezone.utc)` and differences of the two, where a query
    gave the row, or it is a parameter, and its column is a `DateTime` without `timezone=True`.
    Where the datetime comes from does not matter: a helper, a constant, a property. Where every URL
    of the project is PostgreSQL's, also a column with a zone and a datetime without.

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
    Functions that set such an attribute, ask for its `tzinfo` or catch TypeError are silent, and so
    are projects that listen to objects being loaded. `==` is not reported, which is false and
    raises nothing.

    ## References
    SQLAlchemy docs, "The Type Hierarchy": DateTime.timezone.
    """
    for one in mixed_moments(function):
        name = f"{one.model}.{one.column.name}"
        yield Report(
            one.op.at,
            f"`{name}` has a time zone, the other datetime has none: TypeError"
            if one.zoned
            else f"SQLite keeps no time zone of `{name}`, the other datetime has one: TypeError"
            if one.says_zone
            else f"`{name}` has no time zone, the other datetime has one: TypeError",
            help="compare with `datetime.now(timezone.utc)`"
            if one.zoned
            else "give the value its zone, as a `TypeDecorator` does, or compare times without one"
            if one.says_zone
            else "make the column `DateTime(timezone=True)`, or compare times without a zone",
            steps=(Note("the column is declared here", one.column.at, one.column.path),),
        )
