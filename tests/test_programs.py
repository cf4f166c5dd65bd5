"""A run over many programs holds one of them at a time, and finds in each what it would alone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from sqla_lint import run as runs
from sqla_lint.cache import Cache
from sqla_lint.finding import Finding
from sqla_lint.programs import apart
from sqla_lint.project.scan import Scan, contact, scan
from sqla_lint.run import run
from sqla_lint.settings import Settings

LEAK = """\
from sqlalchemy import create_engine, text

engine = create_engine("sqlite://")


def leak():
    conn = engine.connect()
    return conn.execute(text("SELECT 1")).scalar()
"""
USER = """\
from {package}.db import engine
from sqlalchemy import text


def leak_too():
    conn = engine.connect()
    return conn.execute(text("SELECT 2")).scalar()
"""


def package(root: Path, name: str, inside: str = "") -> Path:
    """A program with a connection that leaks in each of two files."""
    folder = root / (inside or name) / name
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "db.py").write_text(LEAK)
    (folder / "use.py").write_text(USER.format(package=name))
    return folder


def parts(root: Path, *given: Path) -> list[set[str]]:
    """The programs below a folder, each as the names of its files."""
    files = sorted(str(file) for file in root.rglob("*.py"))

    def seen(path: str) -> Scan:
        return scan(path, Path(path).read_bytes(), contact())

    return [
        {Path(file).relative_to(root).as_posix() for file in part}
        for part in apart(files, given or [root], seen)
    ]


def told(findings: tuple[Finding, ...]) -> list[tuple[object, ...]]:
    return [(f.path, f.span, f.code, f.message) for f in findings]


def test_folders_that_import_nothing_of_each_other_are_apart(tmp_path: Path) -> None:
    package(tmp_path, "one")
    package(tmp_path, "two")
    assert [len(part) for part in parts(tmp_path)] == [3, 3]


def test_an_import_holds_two_together(tmp_path: Path) -> None:
    package(tmp_path, "one")
    two = package(tmp_path, "two")
    package(tmp_path, "three")
    (two / "other.py").write_text("def late():\n    from one.db import engine\n    return engine\n")
    assert sorted(len(part) for part in parts(tmp_path)) == [3, 7]


def test_a_project_is_one_whatever_its_folders_import(tmp_path: Path) -> None:
    package(tmp_path, "one", "repository/first")
    package(tmp_path, "two", "repository/second")
    package(tmp_path, "three")
    (tmp_path / "repository" / "pyproject.toml").touch()
    assert sorted(len(part) for part in parts(tmp_path)) == [3, 6]


def test_what_is_named_by_itself_is_one(tmp_path: Path) -> None:
    package(tmp_path, "one", "a/first")
    package(tmp_path, "two", "a/second")
    package(tmp_path, "three", "b")
    assert sorted(map(len, parts(tmp_path, tmp_path / "a", tmp_path / "b"))) == [3, 6]


def test_fixtures_reach_down(tmp_path: Path) -> None:
    package(tmp_path, "one")
    package(tmp_path, "two")
    (tmp_path / "conftest.py").touch()
    assert [len(part) for part in parts(tmp_path)] == [7]


@pytest.mark.parametrize("jobs", [1, 2])
def test_each_program_is_told_of_as_it_is_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    for name in ("one", "two", "three"):
        package(tmp_path, name)
    settings = Settings(jobs=jobs)
    whole = run([tmp_path], settings)
    monkeypatch.setattr(runs, "APART_FROM", 0)
    some = run([tmp_path], settings)
    alone = [run([tmp_path / name], settings) for name in ("one", "three", "two")]
    assert told(some.findings) == told(whole.findings) != []
    assert told(some.findings) == [row for one in alone for row in told(one.findings)]
    assert (some.files, some.unresolved) == (whole.files, whole.unresolved)


def test_an_edit_leaves_the_other_programs_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "APART_FROM", 0)
    folders = [package(tmp_path / "code", name) for name in ("one", "two", "three")]
    checked = tmp_path / "checked"  # a byte for each program, whichever process lints it
    lint = runs.lint

    def counted(*args: Any, **more: Any) -> Any:
        with checked.open("ab") as file:
            file.write(b".")
        return lint(*args, **more)

    monkeypatch.setattr(runs, "lint", counted)

    def again() -> list[tuple[object, ...]]:
        checked.write_bytes(b"")
        cache = Cache(tmp_path / "cache")
        return told(run([tmp_path / "code"], Settings(jobs=1), cache=cache).findings)

    first = again()
    assert checked.read_bytes() == b"..."
    assert (again(), checked.read_bytes()) == (first, b"")
    (folders[1] / "use.py").write_text("x = 1\n")
    assert len(again()) == len(first) - 1
    assert checked.read_bytes() == b"."


def test_a_child_that_dies_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("one", "two"):
        package(tmp_path, name)
    whole = run([tmp_path], Settings(jobs=1))
    monkeypatch.setattr(runs, "APART_FROM", 0)
    parent, lint = os.getpid(), runs.lint

    def dying(*args: Any, **more: Any) -> Any:
        if os.getpid() != parent:
            os._exit(3)
        return lint(*args, **more)

    monkeypatch.setattr(runs, "lint", dying)
    assert told(run([tmp_path], Settings(jobs=1)).findings) == told(whole.findings) != []


@pytest.mark.parametrize(
    ("place", "module"),
    [
        ("two/two/vendored/logging.py", "logging"),
        ("two/two/vendored/dateutil/parser.py", "dateutil.parser"),
        ("two/tests/common.py", "tests.common"),
    ],
)
def test_what_cannot_be_meant_holds_nothing_together(
    tmp_path: Path, place: str, module: str
) -> None:
    one = package(tmp_path, "one")
    package(tmp_path, "two")
    file = tmp_path / place
    file.parent.mkdir(parents=True)
    file.touch()
    (one / "other.py").write_text(f"import {module}\n")
    assert [len(part) for part in parts(tmp_path)] == [4, 4]
