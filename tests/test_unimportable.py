"""Modules that nothing can load, and nothing does."""

from __future__ import annotations

from pathlib import Path

import pytest

from sqla_lint.run import run
from sqla_lint.settings import Settings

MODELS = """
from sqlalchemy import Column, Integer
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
"""
WORK = """
from sqlalchemy.orm import Session
from app.models import {name}


def wrong(session: Session):
    session.execute("SELECT 1")
"""


def codes(folder: Path, **files: str) -> list[str]:
    package = folder / "app"
    package.mkdir()
    for name, source in {"__init__": "", "models": MODELS, **files}.items():
        (package / f"{name}.py").write_text(source)
    outcome = run([folder], Settings(target_version="2.0", root=folder))
    assert not outcome.problems, outcome.problems
    return [finding.code for finding in outcome.findings]


@pytest.mark.parametrize(
    ("name", "source", "wanted"),
    [
        ("work", WORK.format(name="User"), ["SAL403"]),
        ("work", WORK.format(name="Task"), []),
        ("work", WORK.format(name="*"), ["SAL403"]),
        ("work", "try:\n    from app.models import Task\nexcept ImportError:\n    Task = None\n"
         + WORK.format(name="User"), ["SAL403"]),
        ("work copy", WORK.format(name="User"), []),
        ("work copy", WORK.format(name="User") + '\nif __name__ == "__main__":\n    wrong(None)\n',
         ["SAL403"]),
    ],
)  # fmt: skip
def test_what_cannot_be_imported(tmp_path: Path, name: str, source: str, wanted: list[str]) -> None:
    assert codes(tmp_path, **{name: source}) == wanted


@pytest.mark.parametrize(
    "more",
    [
        "\nTask = None\n",
        "\n\ndef __getattr__(name):\n    return name\n",
        "\nglobals()['Task'] = 1\n",
    ],
)
def test_a_module_that_has_the_name_after_all(tmp_path: Path, more: str) -> None:
    files = {"models": MODELS + more, "work": WORK.format(name="Task")}
    assert codes(tmp_path, **files) == ["SAL403"]


def test_who_imports_it_is_asked_first(tmp_path: Path) -> None:
    files = {"work": WORK.format(name="Task"), "main": "from app.work import wrong\nwrong(None)\n"}
    assert codes(tmp_path, **files) == ["SAL403"]
