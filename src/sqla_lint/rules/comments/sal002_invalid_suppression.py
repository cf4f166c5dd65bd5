"""SAL002: a suppression comment that is none."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Comments, Report, Severity, rule


@rule("SAL002", "invalid-suppression", severity=Severity.WARNING)
def invalid_suppression(comments: Comments) -> Iterator[Report]:
    """A suppression comment is malformed, names no rule, or lacks the reason that is asked for.

    ## What it does
    Reports `# sqla-lint:` comments that cannot be read, codes and names in them that no rule has,
    `SAL` codes of `# noqa` that no rule has, and, with `require-reasons`, comments that do not say
    why.

    ## Why is this bad?
    The comment does not do what whoever wrote it believes.

    ## Example
    ```python
    conn = engine.connect()  # sqla-lint: ignore[connection-not-close]
    ```

    ## Use instead
    ```python
    conn = engine.connect()  # sqla-lint: ignore[connection-not-closed] closed by the pool's owner
    ```

    ## Fix safety
    No fix: what was meant, the author must say.

    ## Versions
    All.

    ## Limits
    None.

    ## References
    "Using sqla-lint": Silencing a finding.
    """
    for line, problem in comments.quiet.malformed:
        yield Report(-1, problem, span=comments.place(line))
    for directive in comments.quiet.directives:
        place = comments.place(directive.line)
        for selector in comments.ours(directive):
            problem_ = comments.known(selector)
            if problem_ is not None:
                yield Report(-1, problem_, span=place)
        ours = directive.kind != "noqa" or bool(comments.ours(directive))
        if comments.reasons and ours and not directive.reason:
            yield Report(-1, "this comment does not say why", span=place)
