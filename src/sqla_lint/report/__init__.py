"""Findings as text: for people, for programs, and for the places where code is reviewed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from typing import cast

from sqla_lint.report.page import Page, Trouble
from sqla_lint.report.paint import Paint
from sqla_lint.report.summary import statistics, summary

Renderer = Callable[[Page, Paint], Iterator[str]]

# The names are those of the setting `output-format`; the modules are imported when they are used.
_MODULES = {
    "full": "full",
    "concise": "concise",
    "grouped": "grouped",
    "json": "json_report",
    "json-lines": "json_lines",
    "sarif": "sarif",
    "github": "github",
    "gitlab": "gitlab",
    "junit": "junit",
    "html": "html",
}


class _Renderers(Mapping[str, Renderer]):
    def __getitem__(self, name: str) -> Renderer:
        return cast(Renderer, import_module(f"{__name__}.{_MODULES[name]}").render)

    def __iter__(self) -> Iterator[str]:
        return iter(_MODULES)

    def __len__(self) -> int:
        return len(_MODULES)


RENDERERS: Mapping[str, Renderer] = _Renderers()
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
