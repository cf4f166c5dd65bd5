"""From findings to what the protocol speaks: positions in UTF-16, diagnostics, text edits."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from pathlib import Path

from lsprotocol import types

from sqla_lint.finding import Finding, Severity, Span

_NEWLINE = re.compile(r"(?<=\n)|(?<=\r)(?!\n)")
_SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.ADVICE: types.DiagnosticSeverity.Information,
}


def lines_of(text: str) -> list[str]:
    """The lines with their ends, as Python and editors count them."""
    return [line for line in _NEWLINE.split(text) if line]


def position(lines: Sequence[str], line: int, column: int) -> types.Position:
    """A place that counts code points from 1, as one that counts UTF-16 units from 0."""
    text = lines[line - 1][: column - 1] if 0 < line <= len(lines) else ""
    return types.Position(line - 1, len(text.encode("utf-16-le")) // 2)


def place_of(lines: Sequence[str], position: types.Position) -> tuple[int, int]:
    """The other way round: line and column that count code points from 1."""
    text = lines[position.line] if position.line < len(lines) else ""
    before = text.encode("utf-16-le")[: 2 * position.character].decode("utf-16-le", "ignore")
    return position.line + 1, len(before) + 1


def span_range(lines: Sequence[str], span: Span) -> types.Range:
    return types.Range(
        position(lines, span.line, span.column), position(lines, span.end_line, span.end_column)
    )


def diagnostic(finding: Finding, uri: str, lines: Sequence[str]) -> types.Diagnostic:
    """A finding for the editor; its path as related information."""
    message = f"{finding.message}\n{finding.help}" if finding.help else finding.message
    related = [
        types.DiagnosticRelatedInformation(
            types.Location(
                Path(step.path).absolute().as_uri() if step.path else uri,
                span_range([] if step.path else lines, step.span),
            ),
            f"{number}. {step.message}",
        )
        for number, step in enumerate(finding.steps, 1)
        if step.span is not None
    ]
    return types.Diagnostic(
        range=span_range(lines, finding.span or Span(1, 1, 1, 1)),
        message=message,
        severity=_SEVERITIES[finding.severity],
        code=finding.code,
        source="sqla-lint",
        related_information=related or None,
    )


def edits(old: str, new: str) -> list[types.TextEdit]:
    """The lines that differ, as text edits."""
    before, after = lines_of(old), lines_of(new)
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    return [
        types.TextEdit(
            types.Range(_start(before, first), _start(before, last)), "".join(after[start:end])
        )
        for tag, first, last, start, end in matcher.get_opcodes()
        if tag != "equal"
    ]


def _start(lines: Sequence[str], number: int) -> types.Position:
    """Where a line begins; the end of a text that ends without a newline."""
    if number == len(lines) and lines and not lines[-1].endswith(("\n", "\r")):
        return position(lines, number, len(lines[-1]) + 1)
    return types.Position(number, 0)
