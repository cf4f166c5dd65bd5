"""A JUnit report: a test suite per file, a failed test per finding."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from sqla_lint.report.page import Page, shown_path, where
from sqla_lint.report.paint import Paint

# What XML 1.0 has no way to write.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(page: Page, paint: Paint) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="utf-8"?>'
    total = len(page.findings)
    troubles = len(page.troubles)
    yield (
        f'<testsuites name="sqla-lint" tests="{total + troubles or 1}" failures="{total}"'
        f' errors="{troubles}">'
    )
    for path, group in groupby(page.findings, key=lambda finding: finding.path):
        findings = list(group)
        name = _attribute(shown_path(path))
        yield (
            f'  <testsuite name={name} tests="{len(findings)}" failures="{len(findings)}"'
            ' errors="0">'
        )
        for finding in findings:
            span = where(finding)
            yield (
                f"    <testcase name={_attribute(f'{finding.code} {finding.name}')}"
                f' classname={name} file={name} line="{span.line}">'
            )
            text = f"{shown_path(path)}:{span.line}:{span.column}: {finding.message}"
            for number, step in enumerate(finding.steps, 1):
                place = f"line {step.span.line}: " if step.span else ""
                text += f"\n{number}. {place}{step.message}"
            if finding.help:
                text += f"\nhelp: {finding.help}"
            yield (
                f'      <failure type="{finding.severity.value}"'
                f" message={_attribute(finding.message)}>{escape(_writable(text))}</failure>"
            )
            yield "    </testcase>"
        yield "  </testsuite>"
    if page.troubles or not page.findings:
        yield (
            f'  <testsuite name="sqla-lint" tests="{troubles or 1}" failures="0"'
            f' errors="{troubles}">'
        )
        for trouble in page.troubles:
            name = _attribute(shown_path(trouble.path))
            yield (
                f"    <testcase name={name} classname={name}>"
                f"<error message={_attribute(trouble.message)}/></testcase>"
            )
        if not page.troubles:
            yield '    <testcase name="No findings" classname="sqla-lint"/>'
        yield "  </testsuite>"
    yield "</testsuites>"


def _writable(text: str) -> str:
    return _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def _attribute(text: str) -> str:
    return quoteattr(_writable(text))
