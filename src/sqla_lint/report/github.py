"""Workflow commands of GitHub Actions: findings become annotations of a pull request."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.finding import Severity
from sqla_lint.report.page import Page, shown_path, where
from sqla_lint.report.paint import Paint, one_line

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.ADVICE: "notice"}


def render(page: Page, paint: Paint) -> Iterator[str]:
    for trouble in page.troubles:
        place = f"file={_property(shown_path(trouble.path))}"
        if trouble.line is not None:
            place += f",line={trouble.line}"
        yield f"::error {place},title=sqla-lint::{_data(trouble.message)}"
    for finding in page.findings:
        span = where(finding)
        path = shown_path(finding.path)
        properties = {
            "file": path,
            "line": str(span.line),
            "col": str(span.column),
            "endLine": str(span.end_line),
            "endColumn": str(span.end_column),
            "title": f"sqla-lint ({finding.code})",
        }
        listed = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
        message = f"{path}:{span.line}:{span.column}: {finding.code} {one_line(finding.message)}"
        yield f"::{_COMMANDS[finding.severity]} {listed}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
