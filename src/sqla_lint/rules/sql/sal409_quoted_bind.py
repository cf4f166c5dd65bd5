"""SAL409: a parameter inside quotes."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import EXECUTING, Call, Report, Severity, rule, sent_texts, sqltext


@rule("SAL409", "quoted-bind", severity=Severity.ERROR, on=EXECUTING)
def quoted_bind(call: Call) -> Iterator[Report]:
    """A `:name` stands inside a quoted literal of the SQL text.

    ## What it does
    Reports `text("... LIKE '%:tag%'")` and the like where it is executed with a value for it.

    ## Why is this bad?
    `text()` does not know quotes: it replaces the name by a placeholder, and the database sees a
    literal with a question mark in it.

    ## Example
    ```python
    conn.execute(text("SELECT id FROM posts WHERE tags LIKE '%:tag%'"), {"tag": tag})
    ```

    ## Use instead
    ```python
    conn.execute(text("SELECT id FROM posts WHERE tags LIKE :tag"), {"tag": f"%{tag}%"})
    ```

    ## Fix safety
    No fix: wildcards around the name must go into the value.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Only texts that are wholly known, written here or handed to a function of the project that
    executes them as they are. A colon that nobody gives a value for is SAL410.

    ## References
    SQLAlchemy docs, "SQL Expression Language Foundational Constructs": text().
    """
    for sent in sent_texts(call):
        given = sent.given
        for name in sqltext.quoted_binds(sent.sql):
            if given.given != "unknown" and name not in given.names:
                continue  # nobody gives a value: SAL410
            yield Report(
                sent.at,
                f"`:{name}` stands inside a quoted literal: the database gets a placeholder as text"
                " there, not the value",
                help="take the quotes away, and put wildcards into the value",
                steps=sent.steps,
                path=sent.path,
            )
            break
