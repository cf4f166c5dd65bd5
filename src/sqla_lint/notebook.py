"""Jupyter notebooks: linted as one module, reported cell by cell.

The code cells are put one below the other; what only IPython understands (magics, shell commands,
questions) is blanked, line for line, so that every other line stays where it is. In a report a
cell is a file of its own, called ``notebook.ipynb:cell 3``: the third cell of the notebook.

Source: nbformat's description of the format, version 4; IPython docs, "Built-in magic commands".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple, cast

from sqla_lint.finding import Applicability, Finding, Span, Step
from sqla_lint.suppress import statements

SUFFIX = ".ipynb"
_CELL = re.compile(r"(?P<path>.*\.ipynb):cell (?P<number>\d+)")
# Cell magics after which the cell is still Python.
_PYTHON_CELLS = re.compile(r"\s*%%(time|timeit|capture|prun|python3?)\b")
_MAGIC = re.compile(r"(?P<indent>\s*)(?:[%!?]|.*\?\s*$)")
_ASSIGNED = re.compile(r"(?P<left>[^=\"'#]*=\s*)[%!](?!=)")


class Cell(NamedTuple):
    """A code cell: its number in the notebook, from 1, and where it stands in the module."""

    number: int
    first: int  # line of the module
    source: str


class Notebook(NamedTuple):
    """The module that the code cells make."""

    source: str
    cells: tuple[Cell, ...]


class NotebookError(ValueError):
    """The file is no notebook that can be read; says why, and the line where there is one."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


def is_notebook(path: str) -> bool:
    """Whether a path names a notebook."""
    return path.endswith(SUFFIX)


def read(data: bytes) -> Notebook:
    """The module of a notebook's bytes. Raises `NotebookError`."""
    try:
        document: object = json.loads(data)
    except UnicodeDecodeError:
        raise NotebookError("the notebook is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise NotebookError(f"the notebook is not JSON: {error.msg}", error.lineno) from None
    listed = document.get("cells") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise NotebookError("the notebook has no cells (only nbformat 4 is read)")
    cells: list[Cell] = []
    line = 1
    for number, cell in enumerate(cast("list[object]", listed), 1):
        if not isinstance(cell, dict) or cell.get("cell_type") != "code":
            continue
        text = cell.get("source", "")
        source = "".join(map(str, text)) if isinstance(text, list) else str(text)
        source = _python(source.replace("\r\n", "\n").rstrip("\n") + "\n")
        cells.append(Cell(number, line, source))
        line += source.count("\n")
    return Notebook("".join(cell.source for cell in cells), tuple(cells))


def _python(source: str) -> str:
    """A cell without what only IPython understands."""
    lines = source.split("\n")
    if lines[0].lstrip().startswith("%%"):
        if not _PYTHON_CELLS.match(lines[0]):
            return "\n".join(f"# {line}" if line.strip() else line for line in lines)
        lines[0] = f"# {lines[0]}"
        source = "\n".join(lines)
    if not any(mark in source for mark in "%!?"):
        return source
    for statement in statements(source):
        line = lines[statement.first - 1]
        if not statement.code or line.lstrip().startswith("#"):
            continue
        if magic := _MAGIC.match(line):
            lines[statement.first - 1] = f"{magic['indent']}pass  # {line.strip()}"
        elif assigned := _ASSIGNED.match(line):
            lines[statement.first - 1] = f"{assigned['left']}None  # {line.strip()}"
    return "\n".join(lines)


# --- reports -------------------------------------------------------------------------------------


def cell_path(path: str, number: int) -> str:
    """What a cell is called in reports."""
    return f"{path}:cell {number}"


def split(path: str) -> tuple[str, int | None]:
    """The notebook and the number of the cell that a path names; the path itself for others."""
    match = _CELL.fullmatch(path)
    return (match["path"], int(match["number"])) if match else (path, None)


def by_cell(notebook: Notebook, findings: Iterable[Finding]) -> list[Finding]:
    """The located findings of a notebook's module, each in its cell. Fixes are only shown."""
    return [_in_cell(notebook, finding) for finding in findings]


def _in_cell(notebook: Notebook, finding: Finding) -> Finding:
    rewrite = finding.rewrite
    if rewrite is not None:
        rewrite = rewrite._replace(applicability=Applicability.DISPLAY)
    cell = _cell_of(notebook, finding.span)
    if cell is None:
        return replace(finding, rewrite=rewrite)
    return replace(
        finding,
        path=cell_path(finding.path, cell.number),
        span=_moved(finding.span, cell),
        steps=tuple(_step(notebook, step, finding.path) for step in finding.steps),
        rewrite=rewrite,
    )


def _step(notebook: Notebook, step: Step, path: str) -> Step:
    cell = _cell_of(notebook, step.span) if step.path in ("", path) else None
    if cell is None:
        return step
    return step._replace(path=cell_path(path, cell.number), span=_moved(step.span, cell))


def _cell_of(notebook: Notebook, span: Span | None) -> Cell | None:
    if span is None:
        return None
    return next((cell for cell in reversed(notebook.cells) if cell.first <= span.line), None)


def _moved(span: Span | None, cell: Cell) -> Span | None:
    if span is None:
        return None
    above = cell.first - 1
    return span._replace(line=span.line - above, end_line=span.end_line - above)
