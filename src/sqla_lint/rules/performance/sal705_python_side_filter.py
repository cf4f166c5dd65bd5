"""SAL705: rows are fetched and filtered, or summed up, in Python."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Function, Report, Severity, functions_with, kinds, rule, sifted_rows


@rule(
    "SAL705",
    "python-side-filter",
    group="preview",
    severity=Severity.ADVICE,
    on=functions_with(kinds.ENTITY),
)
def python_side_filter(function: Function) -> Iterator[Report]:
    """Rows are fetched to be dropped by their columns, or to make one number of them.

    ## What it does
    Reports loops and comprehensions over a statement that pass over objects by comparing their
    columns, and `sum()`, `min()` and `max()` of a column of all of them.

    ## Why is this bad?
    Every row is sent and becomes an object, also those that nobody wants; an index does not help.

    ## Example
    ```python
    [user.name for user in session.scalars(select(User)) if user.age >= 18]
    ```

    ## Use instead
    ```python
    [user.name for user in session.scalars(select(User).where(User.age >= 18))]
    ```

    ## Fix safety
    No fix: how NULL and text compare in the database, the author must know.

    ## Versions
    1.4, 2.0 and 2.1, sync and async.

    ## Limits
    Only of objects that nothing but the loop reads, and conditions of plain columns and values.
    Not in tests and migrations.

    ## References
    SQLAlchemy docs, "Using SELECT Statements": The WHERE clause; Working with SQL Functions.
    """
    if function.entry in ("test", "fixture") or function.is_test_code:
        return
    for rows in sifted_rows(function):
        column = f"`{rows.name}.{rows.attribute}`"
        if rows.how == "filtered":
            yield Report(
                rows.op.at,
                f"every `{rows.name}` is fetched, and those that {column} excludes are dropped"
                " in Python",
                help="say the condition in the statement: `.where(...)`",
            )
        else:
            yield Report(
                rows.op.at,
                f"every `{rows.name}` is fetched, only for the {_NUMBERS[rows.how]} of {column}",
                help=f"ask the database for it: `func.{rows.how}({rows.name}.{rows.attribute})`",
            )


_NUMBERS = {"sum": "sum", "min": "smallest", "max": "largest"}
