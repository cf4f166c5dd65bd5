"""The report for people: every finding with its code, its path and its help."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator

from sqla_lint.finding import Applicability, Finding
from sqla_lint.report.frame import Mark, frame, source_lines
from sqla_lint.report.page import Page, shown_path, where
from sqla_lint.report.paint import Paint, clean, severity_role

_CODE = re.compile(r"`[^`]{1,40}`")
_GLUE = "\N{NO-BREAK SPACE}"  # no place to break a line, unlike the space it stands for


def render(page: Page, paint: Paint) -> Iterator[str]:
    path, lines = "", list[str]()
    for finding in page.findings:
        if finding.path != path:
            path, lines = finding.path, source_lines(page.sources.get(finding.path, ""))
        yield from _finding(finding, lines, paint)
        yield ""


def _finding(finding: Finding, lines: list[str], paint: Paint) -> Iterator[str]:
    role = severity_role(finding.severity)
    span = where(finding)
    title = f"{finding.severity.value}[{finding.code} {finding.name}]:"
    head = _wrap(f"{title} {clean(finding.message)}", paint.width, indent="  ")
    head[0] = paint(role, title) + paint("bold", head[0].removeprefix(title))
    yield from (head[0], *(paint("bold", line) for line in head[1:]))
    inside = f" in `{clean(finding.function)}`" if finding.function else ""
    place = f"{clean(shown_path(finding.path))}:{span.line}:{span.column}"
    linked = paint.link(finding.path, place)
    yield f"  {paint('frame', '-->')} {linked}{paint('dim', inside)}"

    marks = [Mark(span, role=role, line="^")] if finding.span else []
    for number, step in enumerate(finding.steps, 1):
        if step.span is None or step.path not in ("", finding.path):
            continue
        same = next((at for at, mark in enumerate(marks) if mark.span == step.span), None)
        if same is None:
            marks.append(Mark(step.span, str(number)))
        else:
            both = f"{marks[same].label}, {number}" if marks[same].label else str(number)
            marks[same] = marks[same]._replace(label=both)
    yield from frame(lines, marks, paint)
    yield from _steps(finding, paint)
    yield from _advice(finding, paint)


def _steps(finding: Finding, paint: Paint) -> Iterator[str]:
    gutter = len(str(len(finding.steps))) + 2
    for number, step in enumerate(finding.steps, 1):
        place = ""
        if step.span is not None:
            elsewhere = step.path not in ("", finding.path)
            file = f"{clean(shown_path(step.path))}:" if elsewhere else "line "
            place = f"{file}{step.span.line}: "
        label = f"{number}."
        first, *rest = _wrap(
            f"{label:>{gutter}} {place}{clean(step.message)}", paint.width, " " * (gutter + 1)
        )
        yield paint("frame", first[:gutter]) + first[gutter:]
        yield from rest


def _advice(finding: Finding, paint: Paint) -> Iterator[str]:
    if finding.help:
        yield from _noted("help", finding.help, paint)
    rewrite = finding.rewrite
    if rewrite is None:
        return
    match rewrite.applicability:
        case Applicability.SAFE:
            yield from _noted("fix", f"{rewrite.message} (`--fix` does it)", paint)
        case Applicability.UNSAFE:
            how = "(`--fix --unsafe-fixes` does it; look it over)"
            yield from _noted("fix", f"{rewrite.message} {how}", paint)
        case Applicability.DISPLAY:
            yield from _noted("fix", f"{rewrite.message} (by hand)", paint)


def _noted(word: str, text: str, paint: Paint) -> Iterator[str]:
    first, *rest = _wrap(f"{word}: {clean(text)}", paint.width, " " * (len(word) + 2))
    yield paint("good", word) + first.removeprefix(word)
    yield from rest


def _wrap(text: str, width: int, indent: str) -> list[str]:
    """Lines of at most ``width``; short pieces of code in backticks stay in one piece."""
    glued = _CODE.sub(lambda code: code[0].replace(" ", _GLUE), text)
    lines = textwrap.wrap(
        glued,
        max(width, 40),
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [line.replace(_GLUE, " ") for line in lines] or [text]
