"""SAL404: a parameter of `text()`, or a `bindparam()`, that gets no value."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import EXECUTING, Call, Report, Severity, calls, rule, sent_texts, sqltext

_OF_QUERIES = ("all", "first", "one", "one_or_none", "count", "update", "delete")


@rule(
    "SAL404",
    "missing-bind-value",
    severity=Severity.ERROR,
    on=calls(*EXECUTING.names, *_OF_QUERIES),
)
def missing_bind_value(call: Call) -> Iterator[Report]:
    """A `:name` of a `text()`, or a `bindparam()`, has no value where it is executed.

    ## What it does
    Compares the parameters in the text, and those of `bindparam()` in the statement, with the keys
    of the dictionary that is given with it.

    ## Why is this bad?
    `StatementError: A value is required for bind parameter 'id'`.

    ## Example
    ```python
    conn.execute(text("SELECT name FROM users WHERE id = :id"))
    ```

    ## Use instead
    ```python
    conn.execute(text("SELECT name FROM users WHERE id = :id"), {"id": user_id})
    ```

    ## Fix safety
    No fix: the value is the author's.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Only texts that are wholly known, without `bindparams()`, and dictionaries whose keys are known:
    written in place, filled by the function, or returned by another; also those that are handed to
    a function of the project that executes the text as it is. A colon inside a quoted
    literal is SAL409.

    ## References
    SQLAlchemy docs, "Working with Transactions and the DBAPI": Sending Parameters.
    """
    inside = call.needed()
    if inside:
        names = ", ".join(f"`:{name}`" for name in inside)
        yield Report(
            call.at,
            f"{names} in the statement gets no value: StatementError",
            help="give it in the dictionary of parameters, or with `params()`",
        )
    for sent in sent_texts(call):
        if sent.keys is None or sqltext.placeholders(sent.sql):
            continue
        quoted = sqltext.quoted_binds(sent.sql)
        missing = [
            name
            for name in dict.fromkeys(sqltext.bind_names(sent.sql, call.target))
            if name not in sent.keys and name not in quoted
        ]
        if missing:
            names = ", ".join(f"`:{name}`" for name in missing)
            yield Report(
                sent.at,
                f"{names} of the SQL text gets no value: StatementError",
                help="give it in the dictionary of parameters: `{"
                + ", ".join(f'"{name}": ...' for name in missing)
                + "}`",
                steps=sent.steps,
                path=sent.path,
            )
