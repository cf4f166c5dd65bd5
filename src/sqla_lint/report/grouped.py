"""Findings under the file they are in, one line each."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from sqla_lint.finding import Applicability
from sqla_lint.report.page import Page, fixable, shown_path, where
from sqla_lint.report.paint import Paint, clean, one_line, severity_role


def render(page: Page, paint: Paint) -> Iterator[str]:
    for path, group in groupby(page.findings, key=lambda finding: finding.path):
        findings = list(group)
        yield f"{paint.link(path, paint('bold', clean(shown_path(path))))}:"
        places = [f"{where(f).line}:{where(f).column}" for f in findings]
        wide = max(map(len, places))
        for finding, place in zip(findings, places, strict=True):
            code = paint(severity_role(finding.severity), finding.code)
            star = paint("good", " [*]") if fixable(finding, Applicability.SAFE) else ""
            yield f"  {place:<{wide}} {code}{star} {one_line(finding.message)}"
        yield ""
