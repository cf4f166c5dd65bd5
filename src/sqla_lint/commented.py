"""What is to be said of a file's suppression comments once it is known what they silenced."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqla_lint.finding import Finding
from sqla_lint.rule import Comments, Report, RuleInfo
from sqla_lint.settings import check_selector
from sqla_lint.suppress import Suppressions


def comments_of(
    source: str,
    quiet: Suppressions,
    every: Mapping[str, RuleInfo],
    asked: Collection[str],
    reasons: bool,
) -> Comments:
    """The view of a file's comments; ``asked`` are the codes that were asked in this run."""

    def known(selector: str) -> str | None:
        return check_selector(selector, every)

    def all_asked(selector: str) -> bool:
        return all(code in asked for code in _named(selector, every))

    return Comments(source, quiet, known, all_asked, reasons)


def about_comments(path: str, comments: Comments, asking: Collection[RuleInfo]) -> list[Finding]:
    """What the rules about comments find, without what comments silence."""
    found = [_finding(info, report, path) for info in asking for report in info.check(comments)]
    return [f for f in found if f.span and not comments.quiet.covers(f.code, f.name, f.span)]


def _named(selector: str, every: Mapping[str, RuleInfo]) -> list[str]:
    return [
        code
        for code, info in every.items()
        if selector == info.name or (len(selector) >= 3 and code.startswith(selector))
    ]


def _finding(info: RuleInfo, report: Report, path: str) -> Finding:
    return Finding(
        code=info.code,
        name=info.name,
        message=report.message,
        path=path,
        at=report.at,
        severity=info.severity,
        help=report.help,
        rewrite=report.rewrite,
        span=report.span,
    )
