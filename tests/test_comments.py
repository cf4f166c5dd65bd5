"""Suppression comments that silence nothing, or are none; and notebooks, through a whole run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sqla_lint.run import run
from sqla_lint.settings import Settings

ENGINE = 'from sqlalchemy import create_engine, text\n\nengine = create_engine("sqlite://")\n'
LEAK = "\n\ndef f():\n    conn = engine.connect(){comment}\n    conn.execute(text('SELECT 1'))\n"


def lint(path: Path, **settings: object) -> list[tuple[str, int]]:
    outcome = run([path], Settings(**settings))  # type: ignore[arg-type]
    assert outcome.problems == ()
    return sorted((f.code, f.span.line) for f in outcome.findings if f.span)


def write(folder: Path, comment: str = "", more: str = "") -> Path:
    file = folder / "a.py"
    file.write_text(ENGINE + LEAK.format(comment=comment) + more)
    return file


@pytest.mark.parametrize(
    ("comment", "found"),
    [
        ("  # noqa: SAL101", []),
        ("  # noqa: SAL101, SAL102", [("SAL001", 7)]),
        ("  # noqa: SAL102", [("SAL001", 7), ("SAL101", 7)]),
        ("  # noqa: E501", [("SAL101", 7)]),
        ("  # noqa", []),
        ("  # sqla-lint: ignore[connection-not-closed] ours", []),
        ("  # sqla-lint: ignore[SAL2] ours", [("SAL001", 7), ("SAL101", 7)]),
        ("  # sqla-lint: ignore[connection-not-close]", [("SAL002", 7), ("SAL101", 7)]),
        ("  # noqa: SAL999", [("SAL002", 7), ("SAL101", 7)]),
        ("  # sqla-lint: disable", [("SAL002", 7), ("SAL101", 7)]),
        ("  # noqa: SAL101, SAL001, SAL102", []),
    ],
)
def test_comments_are_judged(tmp_path: Path, comment: str, found: list[tuple[str, int]]) -> None:
    # a prefix names preview rules, too: all rules are asked
    assert lint(write(tmp_path, comment), preview=True, pedantic=True) == found


def test_a_rule_that_was_not_asked_may_need_its_comment(tmp_path: Path) -> None:
    file = write(tmp_path, "  # noqa: SAL101, SAL102")
    assert lint(file, select=("SAL0", "SAL101")) == []


def test_files_without_contact_are_looked_at_too(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text("x = 1  # noqa: SAL101\n")
    assert lint(file) == [("SAL001", 1)]


def test_reasons_can_be_required(tmp_path: Path) -> None:
    assert lint(write(tmp_path, "  # noqa: SAL101"), require_reasons=True) == [("SAL002", 7)]
    assert lint(write(tmp_path, "  # noqa: SAL101 the pool's own"), require_reasons=True) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("x = 1  # noqa: SAL101\n", "x = 1\n"),
        ("x = 1  # noqa: SAL101, E501\n", "x = 1  # noqa: E501\n"),
        ("x = 1  # noqa: E501,SAL101 too long\n", "x = 1  # noqa: E501 too long\n"),
        ("x = 1  # kept  # noqa: SAL101\n", "x = 1  # kept\n"),
        ("# sqla-lint: ignore[SAL101] why\nx = 1\n", "x = 1\n"),
        ("x = 1  # sqla-lint: ignore[SAL101] why  # type: ignore\n", "x = 1  # type: ignore\n"),
        ("x = 1  # noqa: SAL101\r\ny = 2\r\n", "x = 1\r\ny = 2\r\n"),
    ],
)
def test_a_fix_takes_them_out(tmp_path: Path, before: str, after: str) -> None:
    file = tmp_path / "a.py"
    file.write_bytes(before.encode())
    outcome = run([file], Settings(), fix="fix")
    assert (outcome.findings, outcome.fixed) == ((), 1)
    assert file.read_bytes() == after.encode()


def test_what_is_left_of_a_list_stays(tmp_path: Path) -> None:
    file = write(tmp_path, "  # sqla-lint: ignore[SAL102, connection-not-closed] the pool's own")
    outcome = run([file], Settings(), fix="fix")
    assert (outcome.findings, outcome.fixed) == ((), 1)
    assert "  # sqla-lint: ignore[connection-not-closed] the pool's own\n" in file.read_text()


MODEL = """\
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):{comment}
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
"""


def test_the_end_of_a_path_in_another_file_can_be_silenced(tmp_path: Path) -> None:
    (tmp_path / "use.py").write_text(
        "from models import User\nfrom sqlalchemy import select\n\n"
        "statement = select(User).where(User.nam == 'x')\n"
    )
    (tmp_path / "models.py").write_text(MODEL.format(comment=""))
    (finding,) = run([tmp_path], Settings()).findings
    assert finding.code == "SAL515"
    assert Path(finding.steps[0].path).name == "models.py"
    (tmp_path / "models.py").write_text(MODEL.format(comment="  # noqa: SAL515 made at run time"))
    assert run([tmp_path], Settings()).findings == ()
    assert run([tmp_path], Settings(), fix="fix").findings == ()


def test_a_diff_only_shows_it(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text("x = 1  # noqa: SAL101\n")
    (diff,) = run([file], Settings(), fix="diff").diffs
    assert "-x = 1  # noqa: SAL101\n+x = 1\n" in diff
    assert file.read_text() == "x = 1  # noqa: SAL101\n"


# --- notebooks -----------------------------------------------------------------------------------


def notebook(folder: Path, *cells: str) -> Path:
    file = folder / "a.ipynb"
    listed = [{"cell_type": "code", "source": cell} for cell in cells]
    file.write_text(json.dumps({"nbformat": 4, "cells": listed}))
    return file


def test_a_notebook_is_one_module_told_cell_by_cell(tmp_path: Path) -> None:
    file = notebook(tmp_path, "%load_ext sql\n" + ENGINE, LEAK.format(comment="").strip())
    outcome = run([tmp_path], Settings())
    (finding,) = outcome.findings
    assert (finding.code, finding.path) == ("SAL101", f"{file}:cell 2")
    assert finding.span is not None
    assert finding.span.line == 2
    assert outcome.sources[finding.path].splitlines()[1] == "    conn = engine.connect()"


def test_notebooks_are_not_fixed(tmp_path: Path) -> None:
    file = notebook(tmp_path, ENGINE + LEAK.format(comment=""))
    before = file.read_bytes()
    outcome = run([tmp_path], Settings(), fix="fix", unsafe=True)
    assert [f.code for f in outcome.findings] == ["SAL101"]
    assert file.read_bytes() == before


def test_a_broken_notebook_is_a_problem_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_text('{"cells":\n[}')
    (problem,) = run([tmp_path], Settings()).problems
    assert (problem.line, problem.fatal) == (2, True)
    assert problem.message.startswith("the notebook is not JSON")
