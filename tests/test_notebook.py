"""Notebooks: one module to the linter, a file per cell to the reader."""

from __future__ import annotations

import ast
import json

import pytest

from sqla_lint.finding import Applicability, Finding, Rewrite, Span, Step
from sqla_lint.notebook import NotebookError, by_cell, read, split


def notebook(*cells: str | list[str], kind: str = "code") -> bytes:
    return json.dumps(
        {"nbformat": 4, "cells": [{"cell_type": kind, "source": cell} for cell in cells]}
    ).encode()


@pytest.mark.parametrize(
    ("cell", "python"),
    [
        ("x = 1", "x = 1\n"),
        (["x = 1\n", "y = 2"], "x = 1\ny = 2\n"),
        ("%load_ext sql\nx = 1", "pass  # %load_ext sql\nx = 1\n"),
        ("if x:\n    !ls", "if x:\n    pass  # !ls\n"),
        ("files = !ls *.py\nx = 5 % 2", "files = None  # files = !ls *.py\nx = 5 % 2\n"),
        ("engine?", "pass  # engine?\n"),
        ('x = """\n%s\n!\n"""', 'x = """\n%s\n!\n"""\n'),
        ("a != b", "a != b\n"),
        ("%%sql\nSELECT 1", "# %%sql\n# SELECT 1\n"),
        ("%%time\nx = 1", "# %%time\nx = 1\n"),
        ("x = (a\n  % b)", "x = (a\n  % b)\n"),
    ],
)
def test_what_only_ipython_understands_is_blanked(cell: str | list[str], python: str) -> None:
    assert read(notebook(cell)).source == python
    ast.parse(python)


def test_only_code_cells_count_and_all_are_numbered() -> None:
    document = json.loads(notebook("a = 1\nb = 2", "c = 3"))
    document["cells"].insert(1, {"cell_type": "markdown", "source": "# Title"})
    made = read(json.dumps(document).encode())
    assert made.source == "a = 1\nb = 2\nc = 3\n"
    assert [(cell.number, cell.first) for cell in made.cells] == [(1, 1), (3, 3)]


def test_findings_are_told_in_their_cells() -> None:
    made = read(notebook("a = 1\nb = 2", "c = 3\nd = 4"))
    finding = Finding(
        "SAL101", "n", "m", "x.ipynb", 0, span=Span(4, 1, 4, 6),
        steps=(Step("here", 0, span=Span(1, 1, 1, 2)), Step("there", 0, "db.py", Span(9, 1, 9, 2))),
        rewrite=Rewrite("fix", Applicability.SAFE, ()),
    )  # fmt: skip
    (moved,) = by_cell(made, [finding])
    assert (moved.path, moved.span) == ("x.ipynb:cell 2", Span(2, 1, 2, 6))
    assert [(s.path, s.span and s.span.line) for s in moved.steps] == [
        ("x.ipynb:cell 1", 1),
        ("db.py", 9),
    ]
    assert moved.rewrite is not None
    assert moved.rewrite.applicability is Applicability.DISPLAY
    assert split(moved.path) == ("x.ipynb", 2)
    assert split("db.py") == ("db.py", None)


@pytest.mark.parametrize(
    ("data", "message", "line"),
    [
        (b"{\n", "is not JSON", 2),
        (b'"\xff"', "is not UTF-8", None),
        (b"[]", "has no cells", None),
        (b'{"worksheets": []}', "has no cells", None),
    ],
)
def test_what_is_no_notebook_is_refused(data: bytes, message: str, line: int | None) -> None:
    with pytest.raises(NotebookError, match=message) as caught:
        read(data)
    assert caught.value.line == line
