"""One line per finding, as compilers write them."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.finding import Applicability
from sqla_lint.report.page import Page, fixable, shown_path, where
from sqla_lint.report.paint import Paint, clean, one_line, severity_role


def render(page: Page, paint: Paint) -> Iterator[str]:
    for finding in page.findings:
        span = where(finding)
        place = f"{clean(shown_path(finding.path))}:{span.line}:{span.column}:"
        code = paint(severity_role(finding.severity), finding.code)
        star = paint("good", " [*]") if fixable(finding, Applicability.SAFE) else ""
        yield f"{paint.link(finding.path, place)} {code}{star} {one_line(finding.message)}"
