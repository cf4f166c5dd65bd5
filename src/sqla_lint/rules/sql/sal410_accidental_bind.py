"""SAL410: a colon inside a literal that becomes a parameter."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import (
    EXECUTING,
    Applicability,
    Call,
    Const,
    Replace,
    Report,
    Rewrite,
    Severity,
    literal,
    rule,
    sent_texts,
    sqltext,
    text_literal,
)


@rule("SAL410", "accidental-bind", severity=Severity.ERROR, fix="safe", on=EXECUTING)
def accidental_bind(call: Call) -> Iterator[Report]:
    """A colon inside a quoted literal of the SQL text is taken for a parameter.

    ## What it does
    Reports texts with `':word'` in a literal (JSON such as `'{"a":true}'`, a time after a blank, a
    regular expression) that are executed without a value for it, by `execute(text(...))` or by
    Alembic's `op.execute()`, which makes a `text()` of a string.

    ## Why is this bad?
    `text()` does not know quotes. `StatementError: A value is required for bind parameter 'true'`.

    ## Example
    ```python
    op.execute("INSERT INTO settings (flags) VALUES ('{\\"beta\\":true}')")
    ```

    ## Use instead
    ```python
    op.execute("INSERT INTO settings (flags) VALUES ('{\\"beta\\"\\\\:true}')")
    ```

    ## Fix safety
    Safe: the line raised before. Not offered for texts that are not written here in one piece.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    Only texts that are wholly known, written here or handed to a function of the project that
    executes them as they are. `'12:30'` and `::type` are no parameters.

    ## References
    SQLAlchemy docs, "SQL Expression Language Foundational Constructs": text().
    """
    for sent in sent_texts(call):
        if sent.given.given not in ("none", "names"):
            continue
        given = sent.given.names
        names = [n for n in sqltext.quoted_binds(sent.sql, call.target) if n not in given]
        if names:
            listed = ", ".join(f"`:{name}`" for name in names)
            yield Report(
                sent.at,
                f"{listed} inside a literal is a parameter to `text()`, and gets no value:"
                " StatementError",
                help=f"escape the colon: `\\\\:{names[0]}`",
                steps=sent.steps,
                rewrite=None if sent.path else _escaped(call, sent.sql, names),
                path=sent.path,
            )


def _escaped(call: Call, sql: str, names: list[str]) -> Rewrite | None:
    argument = text_literal(call)
    if argument is None or argument.value != Const(sql) or "\\" in sql:
        return None
    text = sql
    for name in names:
        text = sqltext.escaped(text, name)
    template = literal(text)
    if template is None:
        return None
    return Rewrite("escape the colon", Applicability.SAFE, (Replace(argument.at, template),))
