"""``sqla-lint why``, run as users run it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

DB = """\
from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

SessionLocal = sessionmaker(create_engine("sqlite://"))


def get_db():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()
"""
REPO = """\
class Repository:
    def __init__(self, db):
        self.db = db

    def save(self):
        self.db.execute("UPDATE things SET n = 1")
        self.db.commit()
"""
API = """\
from fastapi import Depends, FastAPI

from .db import get_db
from .repo import Repository

app = FastAPI()


@app.post("/things")
def make(thing, db=Depends(get_db)):
    Repository(db).save()
    thing.rollback()
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A package of three layers."""
    package = tmp_path / "shop"
    package.mkdir()
    for name, source in {"__init__": "", "db": DB, "repo": REPO, "api": API}.items():
        (package / f"{name}.py").write_text(source)
    return tmp_path


def why(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "sqla_lint", "why", "--no-config", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "NO_COLOR": "1"},
        check=False,
    )


def test_a_line_is_explained_through_the_files_that_know(shop: Path) -> None:
    done = why(shop, "shop/repo.py:6", ".")
    assert done.returncode == 0, done.stderr
    assert "`self.db` is a session; the caller ends it" in done.stdout
    assert "`.db` of an object of `Repository` is set here  (shop/repo.py:3)" in done.stdout
    assert "`get_db` lends a session  (shop/db.py:7)" in done.stdout
    assert "`make` passes it here  (shop/api.py:11)" in done.stdout
    assert "here: execute 6 · commit 7" in done.stdout


def test_a_rule_that_reports_says_what(shop: Path) -> None:
    done = why(shop, "shop/repo.py:6", "shop")
    assert "SAL403 raw-string-statement reports: `execute()` of a plain string" in done.stdout


def test_a_silenced_rule_says_so(shop: Path) -> None:
    repo = shop / "shop" / "repo.py"
    repo.write_text(REPO.replace('n = 1")', 'n = 1")  # noqa: SAL403'))
    assert "reports, but a comment silences it" in why(shop, "shop/repo.py:6", "shop").stdout


def test_rules_that_found_nothing_are_listed(shop: Path) -> None:
    done = why(shop, "shop/repo.py:7", "shop")
    assert "followed the objects of the whole function, and found nothing wrong here" in done.stdout
    assert "would look, but are not selected" in done.stdout


def test_a_file_alone_does_not_know_its_callers(shop: Path) -> None:
    done = why(shop, "shop/repo.py:6")
    assert "nothing in it has to do with SQLAlchemy, as far as these paths tell" in done.stdout


def test_a_file_is_listed_with_what_is_unknown(shop: Path) -> None:
    listed = why(shop, "shop/api.py").stdout
    assert "shop/api.py:12: `thing.rollback()`: on unknown: a parameter" in listed
    assert (
        "`self.db.commit()`: on a session; the caller ends it"
        in why(shop, "shop/repo.py", ".").stdout
    )


def test_it_works_from_inside_the_package(shop: Path) -> None:
    done = why(shop / "shop", "api.py:11")
    assert "`get_db` lends a session" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("nowhere.py:3",), 2, "there is no file nowhere.py"),
        (("shop/__init__.py",), 0, "nothing in it has to do with SQLAlchemy"),
        (("shop/db.py:2",), 0, "shop/db.py:2"),
        (("shop/db.py:999",), 0, "nothing on this line"),
    ],
)
def test_what_cannot_be_explained(
    shop: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    done = why(shop, *arguments)
    assert done.returncode == code
    assert said in done.stdout + done.stderr


def test_a_broken_file_is_trouble(shop: Path) -> None:
    (shop / "shop" / "db.py").write_text("import sqlalchemy\ndef f(:\n")
    done = why(shop, "shop/db.py:1")
    assert done.returncode == 2
    assert "shop/db.py:2" in done.stderr
