"""SAL704: objects are loaded only to be deleted."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Function, Report, Severity, deleted_rows, functions_with, kinds, rule


@rule(
    "SAL704",
    "load-to-delete",
    group="preview",
    severity=Severity.ADVICE,
    on=functions_with(kinds.ENTITY),
)
def load_to_delete(function: Function) -> Iterator[Report]:
    """A loop loads objects and does nothing with them but delete them.

    ## What it does
    Reports `for` loops and comprehensions over a statement whose body is `session.delete(...)` and
    nothing else, where the session has nothing of its own to do for a deletion.

    ## Why is this bad?
    All rows are fetched, and each becomes an object, only to send their primary keys back.

    ## Example
    ```python
    for token in session.scalars(select(Token).where(Token.expires < now)):
        session.delete(token)
    ```

    ## Use instead
    ```python
    session.execute(delete(Token).where(Token.expires < now))
    ```

    ## Fix safety
    No fix: what the session holds of those objects already, the author must know.

    ## Versions
    1.4, 2.0 and 2.1, sync and async.

    ## Limits
    Not where relationships of the class cascade or have rows in a table between, where the class
    inherits from another or keeps a version, where the project listens to deletions, in tests and
    in migrations.

    ## References
    SQLAlchemy docs, "ORM-Enabled INSERT, UPDATE, and DELETE statements".
    """
    if function.entry in ("test", "fixture") or function.is_test_code:
        return
    for rows in deleted_rows(function):
        yield Report(
            rows.op.at,
            f"each `{rows.name}` is fetched, only to be deleted by its primary key",
            help=f"delete them with one statement: `delete({rows.name}).where(...)`",
        )
