"""The page that compares linters: every line of it is held by a test that is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "comparison.md").read_text(encoding="utf-8")
_HEAD = "| | ruff | sqlfluff | semgrep | biome | sqla-lint | held by |"


def rows() -> list[list[str]]:
    """The cells of the table, without its head."""
    lines = PAGE[PAGE.index(_HEAD) :].split("\n\n")[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def names_of(file: str) -> set[str]:
    tree = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_row_is_whole() -> None:
    assert len(rows()) > 20
    for row in rows():
        assert len(row) == 7, row
        assert all(row), row


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_what_we_claim_has_its_test(row: list[str]) -> None:
    named = re.findall(r"`(test_\w+\.py)(?:::(\w+))?`", row[-1])
    assert named, row
    for file, function in named:
        assert (ROOT / "tests" / file).is_file(), file
        assert not function or function in names_of(file), f"{file}::{function}"
