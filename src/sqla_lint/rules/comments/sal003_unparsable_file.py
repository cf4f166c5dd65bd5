"""SAL003: a file that cannot be read or parsed."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Report, Severity, Unparsable, rule


@rule("SAL003", "unparsable-file", severity=Severity.ERROR)
def unparsable_file(file: Unparsable) -> Iterator[Report]:
    """A file cannot be read, or is no Python.

    ## What it does
    Reports files that the linter was given and could not read or parse: a syntax error, bytes that
    are not in the file's encoding, a notebook that is no JSON, a file without read permission.

    Reports for programs (`json`, `json-lines`, `sarif`, `github`, `gitlab`, `junit`) have it as a
    finding. For people it is said on standard error, beside the findings. The exit code is 2 in
    either case, and stays 2 when the rule is ignored: what was not read was not linted.

    ## Why is this bad?
    Nothing in the file has been looked at, and what it defines is unknown in other files.

    ## Example
    ```python
    def rename(conn, name):
        conn.execute(text("UPDATE users SET name = :name", {"name": name})
    ```

    ## Use instead
    ```python
    def rename(conn, name):
        conn.execute(text("UPDATE users SET name = :name"), {"name": name})
    ```

    A file that is not meant to be Python, such as a template, belongs into `extend-exclude`.

    ## Fix safety
    No fix: what was meant, the author must say.

    ## Versions
    All.

    ## Limits
    Only files that name SQLAlchemy, or that matter to one that does, are parsed at all. A template
    whose gaps keep it from being Python, `{{ name }}` or `{% if %}`, is mentioned and left out.

    ## References
    "Using sqla-lint": Reports.
    """
    yield Report(
        -1,
        f"this file cannot be read: {file.message}",
        help="if it is not meant to be Python, leave it out with `extend-exclude`",
        span=file.span,
    )
