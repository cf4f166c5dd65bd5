"""SQL and URLs that are written in modules that do not name SQLAlchemy."""

from __future__ import annotations

from pathlib import Path

from sqla_lint.run import run
from sqla_lint.settings import Settings

SETTINGS = 'URL = "sqlite+aiosqlite:///notes.db"\n'
QUERIES = """
PENDING = "SELECT id FROM jobs"


def quoted(names):
    return ", ".join(f"'{name}'" for name in names)


def by_name(names):
    return f"SELECT id FROM jobs WHERE name IN ({quoted(names)})"
"""
STORE = """
from sqlalchemy import create_engine, text

import queries
from queries import PENDING
from settings import URL

engine = create_engine(URL)


def pending():
    with engine.connect() as conn:
        return conn.execute(PENDING).all()


def named(names):
    sql = queries.by_name(names)
    with engine.connect() as conn:
        return conn.execute(text(sql)).all()
"""


def test_the_modules_that_texts_come_from_are_read(tmp_path: Path) -> None:
    for name, source in {"settings": SETTINGS, "queries": QUERIES, "store": STORE}.items():
        (tmp_path / f"{name}.py").write_text(source)
    outcome = run([tmp_path], Settings(preview=True, target_version="2.0", root=tmp_path))
    assert not outcome.problems, outcome.problems
    assert {"SAL311", "SAL401", "SAL403"} <= {finding.code for finding in outcome.findings}
