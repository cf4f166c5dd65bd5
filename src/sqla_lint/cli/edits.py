"""The text edits of each fix, for formats that hand them to other programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqla_lint.finding import Applicability, Finding
from sqla_lint.report.page import Change


def changes(
    findings: Sequence[Finding], sources: Mapping[str, str]
) -> dict[int, tuple[Change, ...]]:
    """What the fix of each finding would change when made alone, by the finding's position."""
    from sqla_lint.fix.compose import compose
    from sqla_lint.syntax.parse import ParseFailure
    from sqla_lint.syntax.rewrite import Tree, read

    trees: dict[str, Tree | None] = {}
    found: dict[int, tuple[Change, ...]] = {}
    for number, finding in enumerate(findings):
        rewrite = finding.rewrite
        if rewrite is None or rewrite.applicability is Applicability.DISPLAY:
            continue
        if finding.path not in trees:
            try:
                trees[finding.path] = read(sources[finding.path], finding.path)
            except (KeyError, ParseFailure):
                trees[finding.path] = None
        tree = trees[finding.path]
        if tree is not None:
            edits = compose(tree, [finding]).edits
            found[number] = tuple(Change(edit.start, edit.end, edit.new) for edit in edits)
    return found
