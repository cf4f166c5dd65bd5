"""Code bases that do not use SQLAlchemy: nothing in them is a database object of its."""

from __future__ import annotations

from pathlib import Path

import pytest

from sqla_lint.catalog import load
from sqla_lint.project.link import link
from sqla_lint.project.linked import DATABASE_KINDS, Project
from sqla_lint.syntax import lower

GUARDS = Path(__file__).parent.parent.parent / "fixtures" / "guards"
CONTROLS = sorted(GUARDS.glob("foreign_*.py"))


def given(project: Project) -> set[tuple[str, str]]:
    """Functions with the database kinds that something in them has."""
    return {
        (label, kind.name)
        for label, typed in project.typed.items()
        for row in (*typed.on, *typed.dst, *(args for block in typed.args for args in block))
        for kind in row
        if kind.name in DATABASE_KINDS
    }


@pytest.mark.parametrize("path", CONTROLS, ids=lambda path: path.stem)
@pytest.mark.parametrize("version", [(1, 4), (2, 0), (2, 1)])
def test_no_kind_is_given(path: Path, version: tuple[int, int]) -> None:
    module = lower(path.read_bytes(), str(path), path.stem, False)
    assert given(link([module], load(version))) == set()


def test_together_they_confuse_nobody() -> None:
    modules = [lower(p.read_bytes(), str(p), p.stem, False) for p in CONTROLS]
    assert len(modules) == 10
    assert given(link(modules, load((2, 0)))) == set()
