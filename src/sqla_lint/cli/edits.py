"""The text edits of each fix, for formats that hand them to other programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqla_lint.finding import Applicability, Finding
from sqla_lint.memory import felled
from sqla_lint.report.page import Change


def changes(
    findings: Sequence[Finding], sources: Mapping[str, str]
) -> dict[int, tuple[Change, ...]]:
    """What the fix of each finding would change when made alone, by the finding's position."""
    from sqla_lint.fix.compose import compose
    from sqla_lint.syntax.parse import ParseFailure
    from sqla_lint.syntax.rewrite import read

    found: dict[int, tuple[Change, ...]] = {}
    for path, numbers in _by_path(findings).items():
        try:
            tree = read(sources[path], path)
        except (KeyError, ParseFailure):
            continue
        for number in numbers:
            edits = compose(tree, [findings[number]]).edits
            found[number] = tuple(Change(edit.start, edit.end, edit.new) for edit in edits)
        del tree  # those of all files would be the largest thing in a run
        felled(len(sources[path]))
    return found


def _by_path(findings: Sequence[Finding]) -> dict[str, list[int]]:
    """The positions of the findings that can be fixed, file by file."""
    found: dict[str, list[int]] = {}
    for number, finding in enumerate(findings):
        rewrite = finding.rewrite
        if rewrite is not None and rewrite.applicability is not Applicability.DISPLAY:
            found.setdefault(finding.path, []).append(number)
    return found
