"""SAL411: several statements in one text."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    EXECUTING,
    Call,
    Const,
    Report,
    Severity,
    calls,
    may_be_postgres,
    may_be_sqlite,
    one_by_one,
    rule,
    sqltext,
)


@rule(
    "SAL411",
    "several-statements-in-text",
    group="preview",
    severity=Severity.ERROR,
    fix="unsafe",
    on=calls(*EXECUTING.names, "exec_driver_sql"),
)
def several_statements_in_text(call: Call) -> Iterator[Report]:
    """One `execute()` is given several statements.

    ## What it does
    Reports `text("...; ...")` with two statements or more that is executed, in projects that use
    SQLite and not PostgreSQL.

    ## Why is this bad?
    Most drivers run one statement at a time: SQLite's raises "You can only execute one statement at
    a time", others refuse the second one or take only the first.

    ## Example
    ```python
    conn.execute(text("DELETE FROM notes; DELETE FROM users"))
    ```

    ## Use instead
    ```python
    conn.execute(text("DELETE FROM notes"))
    conn.execute(text("DELETE FROM users"))
    ```

    ## Fix safety
    Unsafe: with autocommit the first may stay when a later one fails. Offered for a call without
    values whose text is written in place.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    psycopg runs several statements without parameters, so that nothing is said of projects that
    name PostgreSQL, or do not name SQLite. A `;` in the body of a trigger is none.

    ## References
    Python docs, "sqlite3": Cursor.execute().
    """
    if call.name == "exec_driver_sql":
        given = call.argument(0, "statement")
        constant = given is not None and isinstance(given[0].value, Const)
        sql = given[1].label if given is not None and constant else None
    else:
        sql = call.executed_text()
    if not sql or ";" not in sql or sqltext.HOLE in sql:
        return
    project = call.function.project
    if sqltext.statements(sql) > 1 and may_be_sqlite(project) and not may_be_postgres(project):
        yield Report(
            call.at,
            f"{sqltext.statements(sql)} statements in one text: the driver runs one at a time, and"
            " raises",
            help="execute them one by one",
            rewrite=one_by_one(call),
        )
