"""Fixtures of a ``conftest`` that is read after the tests that ask for them."""

from __future__ import annotations

from pathlib import Path

from sqla_lint.run import run
from sqla_lint.settings import Settings

APP = """
from sqlalchemy import Column, Integer, create_engine
from sqlalchemy.orm import declarative_base, sessionmaker

Base = declarative_base()
make_session = sessionmaker(create_engine("sqlite://"))


class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
"""
CONFTEST = """
import pytest
from app import make_session


@pytest.fixture
def session():
    with make_session() as session:
        yield session
"""
TEST = """
from sqlalchemy import select
from app import User


def test_users(session):
    assert session.execute("SELECT 1") is not None
"""


def test_a_test_knows_the_fixture(tmp_path: Path) -> None:
    for name, source in {"app": APP, "conftest": CONFTEST, "test_app": TEST}.items():
        (tmp_path / f"{name}.py").write_text(source)
    outcome = run([tmp_path], Settings(target_version="2.0", root=tmp_path))
    assert [finding.code for finding in outcome.findings] == ["SAL403"]
