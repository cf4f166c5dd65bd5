"""SAL409: a parameter inside quotes."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Call, Report, Severity, rule, sqltext


@rule("SAL409", "quoted-bind", group="preview", severity=Severity.ERROR)
def quoted_bind(call: Call) -> Iterator[Report]:
    """A `:name` stands inside a quoted literal of the SQL text.

    ## What it does
    Reports `text("... LIKE '%:tag%'")` and the like where it is executed, and colons inside a
    literal that `text()` takes for a parameter.

    ## Why is this bad?
    `text()` does not know quotes: it replaces the name by a placeholder, and the database sees a
    literal with a question mark in it. Where no value is given: `StatementError`.

    ## Example
    ```python
    conn.execute(text("SELECT id FROM posts WHERE tags LIKE '%:tag%'"), {"tag": tag})
    ```

    ## Use instead
    ```python
    conn.execute(text("SELECT id FROM posts WHERE tags LIKE :tag"), {"tag": f"%{tag}%"})
    ```

    ## Fix safety
    No fix: a value, or a colon that must be escaped (`\\:`), the author must say.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Only texts that are wholly known.

    ## References
    SQLAlchemy docs, "SQL Expression Language Foundational Constructs": text().
    """
    sql = call.executed_text()
    if sql is None:
        return
    for name in sqltext.quoted_binds(sql):
        yield Report(
            call.at,
            f"`:{name}` stands inside a quoted literal: the database gets a placeholder as text"
            " there, not the value",
            help=f"take the quotes away and put wildcards into the value, or escape the colon:"
            f" `\\:{name}`",
        )
        return
