"""Findings as JSON, with the field names that readers of ruff's JSON know."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from sqla_lint.finding import Confidence, Finding, Span, Step
from sqla_lint.notebook import split
from sqla_lint.report.frame import NEWLINE
from sqla_lint.report.page import Change, Page, shown_path, where
from sqla_lint.report.paint import Paint
from sqla_lint.suppress import statements

_CONFIDENCE = {
    Confidence.PLAIN: "plain",
    Confidence.RESOURCE: "resource",
    Confidence.ANY_CALL: "any-call",
    Confidence.GUESSED: "guessed",
}


def render(page: Page, paint: Paint) -> Iterator[str]:
    if not page.findings:
        yield "[]"
        return
    opening = "["
    for record in records(page):
        text = json.dumps(record, indent=2, ensure_ascii=False)
        yield f"{opening}\n" + "\n".join(f"  {line}" for line in text.split("\n"))
        opening = ","
    yield "]"


def records(page: Page) -> Iterator[dict[str, object]]:
    """One object a finding; the fields are told in the docs."""
    path, rows = "", Rows("")
    for number, finding in enumerate(page.findings):
        if finding.path != path:
            path, rows = finding.path, Rows(page.sources.get(finding.path, ""))
        yield _record(finding, page.changes.get(number, ()), rows)


class Rows:
    """The lines of a file: where an offset is, and where a statement ends and a `# noqa` goes."""

    def __init__(self, source: str) -> None:
        self.starts = [0, *(newline.end() for newline in NEWLINE.finditer(source))]
        spans = [(statement.first, statement.last) for statement in statements(source)]
        self.firsts = [first for first, _ in spans]
        self.lasts = [last for _, last in spans]

    def last(self, line: int) -> int:
        at = bisect_right(self.firsts, line) - 1
        return max(line, self.lasts[at]) if at >= 0 else line

    def place(self, offset: int) -> dict[str, int]:
        row = bisect_right(self.starts, offset)
        return {"row": row, "column": offset - self.starts[row - 1] + 1}


def _record(finding: Finding, changes: Sequence[Change], rows: Rows) -> dict[str, object]:
    span = where(finding)
    rewrite = finding.rewrite
    path, cell = split(finding.path)
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.value,
        "confidence": _CONFIDENCE[finding.confidence],
        "message": finding.message,
        "filename": shown_path(path),
        "cell": cell,
        **_location(span),
        "function": finding.function or None,
        "help": finding.help or None,
        "path": [_step(step, finding) for step in finding.steps],
        "fix": None
        if rewrite is None
        else {
            "applicability": rewrite.applicability.value,
            "message": rewrite.message,
            "edits": [
                {
                    "content": change.new,
                    "location": rows.place(change.start),
                    "end_location": rows.place(change.end),
                }
                for change in changes
            ],
        },
        "noqa_row": rows.last(span.line),
        "url": None,
    }


def _step(step: Step, finding: Finding) -> dict[str, object]:
    record: dict[str, object] = {
        "message": step.message,
        "filename": shown_path(step.path or finding.path),
    }
    return record | (_location(step.span) if step.span else {})


def _location(span: Span) -> dict[str, object]:
    return {
        "location": {"row": span.line, "column": span.column},
        "end_location": {"row": span.end_line, "column": span.end_column},
    }
