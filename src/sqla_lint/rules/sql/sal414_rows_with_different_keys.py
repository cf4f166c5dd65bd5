"""SAL414: rows of one INSERT with different keys."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import EXECUTING, Call, Report, Severity, calls, rule, uneven_rows


@rule(
    "SAL414",
    "rows-with-different-keys",
    severity=Severity.ERROR,
    on=calls(*EXECUTING.names, "values", "bulk_insert"),
)
def rows_with_different_keys(call: Call) -> Iterator[Report]:
    """The rows of one INSERT have different keys, and those of the first one name its columns.

    ## What it does
    Reports lists of dictionaries that do not all have the same keys, where an INSERT of Core is
    executed with them: `connection.execute(table.insert(), rows)`, `session.execute()` with the
    `insert()` of a `Table` (of a mapped class, too, in 1.4), `insert(...).values([...])`, and
    Alembic's `op.bulk_insert()`. With `--preview` also rows whose own values decide which keys they
    have, so that it is not known which the first one has.

    ## Why is this bad?
    SQLAlchemy compiles the statement for the keys of the first row. What later rows have beside
    them is dropped without an error: the column stays NULL, or gets its default. A row that lacks
    one raises `StatementError: A value is required for bind parameter 'memo', in parameter group
    1`; in `values()` it is a CompileError.

    ## Example
    ```python
    conn.execute(entries.insert(), [{"amount": 5}, {"amount": 7, "memo": "rent"}])
    ```

    ## Use instead
    ```python
    conn.execute(entries.insert(), [{"amount": 5, "memo": None}, {"amount": 7, "memo": "rent"}])
    ```

    ## Fix safety
    No fix: what a row is to have in the column, the author must say.

    ## Versions
    1.4, 2.0 and 2.1. From 2.0 on, `session.execute(insert(Model), rows)` sorts the rows by their
    keys, as `bulk_insert_mappings()` always has; with `values()`, or with a `Table`, it does not.

    ## Limits
    Only rows whose keys the program writes: displays, `dict()`, keys that are set or updated, and
    what functions of the project return. Silent where a test that is the same for all rows decides
    which keys they have. In `values()` only of columns without a default.

    ## References
    SQLAlchemy docs, "Working with Data": Using INSERT Statements; "ORM-Enabled INSERT, UPDATE, and
    DELETE statements": Heterogeneous Parameters.
    """
    for found in uneven_rows(call):
        names = ", ".join(f"`{name}`" for name in found.names)
        raises = "CompileError" if found.inline else "StatementError"
        if found.what == "dropped":
            message = f"{names} of later rows is dropped without an error: the first row lacks it"
        elif found.what == "missing":
            message = f"a row without {names} raises {raises}: the first row has it"
        else:
            message = (
                f"not every row has {names}: when the first one lacks it, it is dropped without an"
                f" error, else rows without it raise {raises}"
            )
        yield Report(
            found.at,
            f"{message}, and its keys name the columns of the INSERT",
            help="give every row the same keys, with `None` where there is nothing",
            steps=found.steps,
            group="preview" if found.what == "either" else None,
        )
