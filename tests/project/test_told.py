"""What the settings say of a project is believed."""

from __future__ import annotations

from pathlib import Path

import pytest

from sqla_lint.run import run
from sqla_lint.settings import Settings

TYPES = """
from sqlalchemy import text
from vendor.db import Handle
def f(handle: Handle):
    handle.execute("select 1")
"""
FACTORIES = """
from sqlalchemy import text
from vendor.db import make
def f():
    session = make()
    session.execute(text("select 1")).all()
    return 1
"""
DECORATORS = """
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session
from vendor.db import transactional
engine = create_engine("sqlite://")
@transactional
def f():
    with Session(engine) as session:
        session.execute(text("delete from t"))
"""
OBJECTS = """
from vendor.db import session
def f():
    session.execute("select 1")
"""
INHERITED = """
from vendor.web import Resource
class Page(Resource):
    def get(self):
        self.session.execute("select 1")
"""


@pytest.mark.parametrize(
    ("source", "settings", "without", "told"),
    [
        (TYPES, Settings(session_types=("vendor.db.Handle",)), set(), {"SAL403"}),
        (FACTORIES, Settings(session_factories=("vendor.db.make",)), set(), {"SAL102", "SAL301"}),
        (OBJECTS, Settings(session_objects=("vendor.db.session",)), set(), {"SAL403"}),
        (
            INHERITED,
            Settings(session_objects=("vendor.web.Resource().session",)),
            set(),
            {"SAL403"},
        ),
        (
            DECORATORS,
            Settings(committing_decorators=("vendor.db.transactional",)),
            {"SAL201", "SAL301"},
            {"SAL301"},
        ),
    ],
)
def test_settings_add_to_what_is_known(
    tmp_path: Path, source: str, settings: Settings, without: set[str], told: set[str]
) -> None:
    (tmp_path / "app.py").write_text(source)
    assert {f.code for f in run([tmp_path], Settings()).findings} == without
    assert {f.code for f in run([tmp_path], settings).findings} == told
