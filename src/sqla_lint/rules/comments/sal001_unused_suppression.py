"""SAL001: a suppression comment that silences nothing."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Applicability, Comments, Report, Rewrite, Severity, rule


@rule("SAL001", "unused-suppression", severity=Severity.WARNING, fix="safe")
def unused_suppression(comments: Comments) -> Iterator[Report]:
    """A suppression comment silences nothing.

    ## What it does
    Reports `# noqa: SAL101` and `# sqla-lint: ignore[...]` where no finding is silenced by it. Only
    codes of this linter are looked at, and only those whose rules were asked in this run.

    ## Why is this bad?
    The comment outlives its finding, and silences the next one that comes to its line.

    ## Example
    ```python
    with engine.connect() as conn:  # noqa: SAL101
        ...
    ```

    ## Use instead
    ```python
    with engine.connect() as conn:
        ...
    ```

    ## Fix safety
    Safe: the comment, or the code in it, is taken out; other tools' codes and words stay.

    ## Versions
    All.

    ## Limits
    A bare `# noqa` may be meant for another linter and is left alone.

    ## References
    "Using sqla-lint": Silencing a finding.
    """
    for directive, idle in comments.unused():
        what = ", ".join(f"`{selector}`" for selector in idle) or "this comment"
        yield Report(
            -1,
            f"{what} silences nothing here",
            help="take it out",
            rewrite=Rewrite("take it out", Applicability.SAFE, ()),
            span=comments.place(directive.line),
        )
