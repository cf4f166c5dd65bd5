"""SARIF 2.1.0 (OASIS standard): findings with their path as a code flow, their fix, and the rules.

Columns count code points from 1, as everywhere here, and the run says so.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

from sqla_lint.finding import Confidence, Finding, Severity, Span
from sqla_lint.report.gitlab import fingerprints
from sqla_lint.report.json_report import Rows
from sqla_lint.report.page import Change, Page, shown_path, where
from sqla_lint.report.paint import Paint
from sqla_lint.rule import RuleInfo, rules
from sqla_lint.version import __version__

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.ADVICE: "note"}
_PRECISION = {
    Confidence.PLAIN: "very-high",
    Confidence.RESOURCE: "high",
    Confidence.ANY_CALL: "medium",
    Confidence.GUESSED: "low",
}


def render(page: Page, paint: Paint) -> Iterator[str]:
    known = rules()
    used = sorted({finding.code for finding in page.findings})
    run = {
        "tool": {
            "driver": {
                "name": "sqla-lint",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": [_rule(code, known.get(code)) for code in used],
            }
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": not page.troubles,
                "toolExecutionNotifications": [
                    {
                        "level": "error",
                        "message": {"text": trouble.message},
                        "locations": [_location(trouble.path, _line(trouble.line))],
                    }
                    for trouble in page.troubles
                ],
            }
        ],
        "results": list(_results(page, used)),
    }
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    yield json.dumps(document, indent=2, ensure_ascii=False)


def _rule(code: str, info: RuleInfo | None) -> dict[str, object]:
    if info is None:
        return {"id": code}
    return {
        "id": code,
        "name": "".join(word.capitalize() for word in info.name.split("-")),
        "shortDescription": {"text": info.summary},
        "help": {"text": info.doc, "markdown": info.doc},
        "defaultConfiguration": {"level": _LEVELS[info.severity]},
        "properties": {"tags": ["sqlalchemy", info.name, info.group]},
    }


def _results(page: Page, used: Sequence[str]) -> Iterator[dict[str, object]]:
    path, rows = "", Rows("")
    for number, (finding, print_) in enumerate(zip(page.findings, fingerprints(page), strict=True)):
        if finding.path != path:
            path, rows = finding.path, Rows(page.sources.get(finding.path, ""))
        result: dict[str, object] = {
            "ruleId": finding.code,
            "ruleIndex": used.index(finding.code),
            "level": _LEVELS[finding.severity],
            "message": {"text": _message(finding)},
            "locations": [_location(finding.path, where(finding), finding.function)],
            "partialFingerprints": {"sqlaLint/v1": print_},
            "properties": {"precision": _PRECISION[finding.confidence]},
        }
        if finding.steps:
            result["codeFlows"] = [{"threadFlows": [{"locations": _flow(finding)}]}]
        changes = page.changes.get(number, ())
        if changes and finding.rewrite is not None:
            result["fixes"] = [_fix(finding, finding.rewrite.message, changes, rows)]
        yield result


def _message(finding: Finding) -> str:
    return f"{finding.message}\n{finding.help}" if finding.help else finding.message


def _flow(finding: Finding) -> list[dict[str, object]]:
    return [
        {
            "executionOrder": number,
            "location": {
                **_location(step.path or finding.path, step.span or where(finding)),
                "message": {"text": step.message},
            },
        }
        for number, step in enumerate(finding.steps, 1)
    ]


def _fix(
    finding: Finding, message: str, changes: Sequence[Change], rows: Rows
) -> dict[str, object]:
    replacements = []
    for change in changes:
        start, end = rows.place(change.start), rows.place(change.end)
        region = {
            "startLine": start["row"],
            "startColumn": start["column"],
            "endLine": end["row"],
            "endColumn": end["column"],
        }
        replacements.append({"deletedRegion": region, "insertedContent": {"text": change.new}})
    return {
        "description": {"text": message},
        "artifactChanges": [
            {"artifactLocation": {"uri": _uri(finding.path)}, "replacements": replacements}
        ],
    }


def _location(path: str, span: Span | None, function: str = "") -> dict[str, object]:
    physical: dict[str, object] = {"artifactLocation": {"uri": _uri(path)}}
    if span is not None:
        physical["region"] = {
            "startLine": span.line,
            "startColumn": span.column,
            "endLine": span.end_line,
            "endColumn": span.end_column,
        }
    location: dict[str, object] = {"physicalLocation": physical}
    if function:
        location["logicalLocations"] = [{"fullyQualifiedName": function, "kind": "function"}]
    return location


def _line(line: int | None) -> Span | None:
    return None if line is None else Span(line, 1, line, 1)


def _uri(path: str) -> str:
    """Relative to the current folder, which is how code hosts match files; else absolute."""
    shown = shown_path(path)
    return Path(shown).as_uri() if os.path.isabs(shown) else quote(shown)
