"""Files that could not be read, as findings: for programs that read nothing but the report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from sqla_lint.finding import Finding
from sqla_lint.outcome import Problem
from sqla_lint.rule import RuleInfo, Unparsable
from sqla_lint.scopes import Scopes
from sqla_lint.settings import ignored_in, selected


def unparsed(
    problems: Iterable[Problem], scopes: Scopes, every: Mapping[str, RuleInfo]
) -> Iterator[Finding]:
    """The findings about these problems, by the rules that the settings of each file select."""
    for problem in problems:
        if not problem.unparsable:
            continue
        settings = scopes.of(problem.path)
        off = ignored_in(settings, problem.path, every)
        for info in selected(settings, every).values():
            if info.view != "Unparsable" or info.code in off:
                continue
            for report in info.check(Unparsable(problem.message, problem.line or 1)):
                yield Finding(
                    code=info.code,
                    name=info.name,
                    message=report.message,
                    path=problem.path,
                    at=report.at,
                    severity=info.severity,
                    help=report.help,
                    span=report.span,
                )
