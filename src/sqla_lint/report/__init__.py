"""Findings as text: for people (full, concise), for programs (json), for pull requests (github)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqla_lint.report import concise, full, github, json_report
from sqla_lint.report.page import Page, Trouble
from sqla_lint.report.paint import Paint
from sqla_lint.report.summary import statistics, summary

Renderer = Callable[[Page, Paint], Iterator[str]]

# The names are those of the setting `output-format`.
RENDERERS: dict[str, Renderer] = {
    "full": full.render,
    "concise": concise.render,
    "json": json_report.render,
    "github": github.render,
}
TEXT_FORMATS = frozenset({"full", "concise"})  # the others are read by programs: no summary

__all__ = ["RENDERERS", "TEXT_FORMATS", "Page", "Paint", "Trouble", "statistics", "summary"]
