"""SAL405: a value for a parameter that `text()`, or a column that a table, does not have."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    EXECUTING,
    Call,
    Report,
    Severity,
    calls,
    kinds,
    not_columns,
    rule,
    sent_texts,
    sqltext,
)


@rule(
    "SAL405",
    "unknown-bind-value",
    severity=Severity.WARNING,
    on=calls(*EXECUTING.names, "bindparams"),
)
def unknown_bind_value(call: Call) -> Iterator[Report]:
    """A value is given for a parameter that the SQL text does not have.

    ## What it does
    Compares the keys of the dictionary with the parameters in the text that is executed, and the
    keywords of `bindparams()` with those in its text; and the keys that an INSERT into a Core table
    is executed with, with its columns.

    ## Why is this bad?
    It is ignored without any error: a condition that was to use it is missing, or the name is
    misspelt; the column that was meant stays NULL. `bindparams()` of a text raises ArgumentError
    instead.

    ## Example
    ```python
    conn.execute(text("SELECT name FROM users WHERE id = :id"), {"id": 1, "active": True})
    ```

    ## Use instead
    ```python
    conn.execute(
        text("SELECT name FROM users WHERE id = :id AND active = :active"),
        {"id": 1, "active": True},
    )
    ```

    ## Fix safety
    No fix: the value may be too much, or the condition may be missing.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Only texts and tables that are wholly known, and dictionaries and keywords written in place;
    also those that are handed to a function of the project that executes the text as it is.

    ## References
    SQLAlchemy docs, "Working with Transactions and the DBAPI": Sending Parameters.
    """
    if call.on.name == kinds.TEXT and call.name == "bindparams":
        yield from _bound(call)
        return
    parameters = call.parameters()
    strangers = not_columns(call)
    if strangers:
        names = ", ".join(f"`{name}`" for name in strangers)
        yield Report(
            parameters.at,
            f"the table has no column {names}: the value is ignored",
            help="name a column of the table, or leave it out",
        )
    for sent in sent_texts(call):
        if sent.given.given != "names" or sqltext.placeholders(sent.sql):
            continue
        known = set(sqltext.bind_names(sent.sql, call.target))
        if not known and sqltext.kind(sent.sql) is None:
            continue  # no SQL: a word that the driver knows, and what it is for
        surplus = [name for name in sent.given.names if name not in known]
        if surplus:
            names = ", ".join(f"`{name}`" for name in surplus)
            yield Report(
                sent.given.at,
                f"the SQL text has no parameter {names}: the value is ignored",
                help="use it in the text, or leave it out",
                steps=sent.steps,
                path=sent.path,
            )


def _bound(call: Call) -> Iterator[Report]:
    sql = call.on.label
    if not sql or sqltext.HOLE in sql or "\\" in sql:
        return
    known = set(sqltext.bind_names(sql, call.target))
    for arg in call.op.args:
        if arg.keyword is not None and not arg.star and arg.keyword not in known:
            yield Report(
                arg.at,
                f"the SQL text has no parameter `{arg.keyword}`: `bindparams()` raises"
                " ArgumentError",
                help="use it in the text, or leave it out",
            )
