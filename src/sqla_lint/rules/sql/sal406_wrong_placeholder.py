"""SAL406: a driver's placeholder in `text()`."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import EXECUTING, Call, Report, Severity, named, rule, sqltext


@rule("SAL406", "wrong-placeholder", severity=Severity.ERROR, fix="safe", on=EXECUTING)
def wrong_placeholder(call: Call) -> Iterator[Report]:
    """The SQL text has `%s`, `%(name)s` or `?` where `text()` wants `:name`.

    ## What it does
    Reports `text()` statements that are executed with placeholders of a driver in them; `?` only
    where values are given by position, since it is an operator, too.

    ## Why is this bad?
    `text()` knows `:name` alone: the placeholder is sent to the database as it stands, which is a
    syntax error, and values by position are refused (ArgumentError since 2.0).

    ## Example
    ```python
    conn.execute(text("SELECT name FROM users WHERE id = %s"), (user_id,))
    ```

    ## Use instead
    ```python
    conn.execute(text("SELECT name FROM users WHERE id = :id"), {"id": user_id})
    ```

    ## Fix safety
    Safe: the line raised before. Names are those of the values' variables, or of the columns they
    are compared with. Offered where text and values are written here, and the text has no colon.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    `exec_driver_sql()` takes the driver's placeholders and is fine.

    ## References
    SQLAlchemy docs, "Working with Transactions and the DBAPI": Sending Parameters.
    """
    sql = call.executed_text()
    if sql is None:
        return
    positions = call.parameters().given == "positions"
    for placeholder in sqltext.placeholders(sql):
        if placeholder.style in ("format", "pyformat") or (
            placeholder.style == "qmark" and positions
        ):
            yield Report(
                call.at,
                f"`{placeholder.text}` is no parameter of `text()`: it is sent to the database as"
                " it stands",
                help="write `:name` in the text, and give the values in a dictionary",
                rewrite=named(call),
            )
            return
