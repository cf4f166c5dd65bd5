"""Findings as text: for people, for programs, and for the places where code is reviewed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqla_lint.report import (
    concise,
    full,
    github,
    gitlab,
    grouped,
    html,
    json_lines,
    json_report,
    junit,
    sarif,
)
from sqla_lint.report.page import Page, Trouble
from sqla_lint.report.paint import Paint
from sqla_lint.report.summary import statistics, summary

Renderer = Callable[[Page, Paint], Iterator[str]]

# The names are those of the setting `output-format`.
RENDERERS: dict[str, Renderer] = {
    "full": full.render,
    "concise": concise.render,
    "grouped": grouped.render,
    "json": json_report.render,
    "json-lines": json_lines.render,
    "sarif": sarif.render,
    "github": github.render,
    "gitlab": gitlab.render,
    "junit": junit.render,
    "html": html.render,
}
TEXT_FORMATS = frozenset(
    {"full", "concise", "grouped"}
)  # the others are read by programs: no summary
EDIT_FORMATS = frozenset({"json", "json-lines", "sarif"})  # tell what a fix would change

__all__ = [
    "EDIT_FORMATS",
    "RENDERERS",
    "TEXT_FORMATS",
    "Page",
    "Paint",
    "Trouble",
    "statistics",
    "summary",
]
