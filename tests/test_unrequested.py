"""A fixture that no test asks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from sqla_lint.run import run
from sqla_lint.settings import Settings

CONFTEST = """
import pytest
from sqlalchemy import Column, Integer, String, create_engine, select
from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()
engine = create_engine("sqlite://")


class Tag(Base):
    __tablename__ = "tags"

    id = Column(Integer, primary_key=True)
    name = Column(String(50))


@pytest.fixture
def session():
    with Session(engine) as session:
        yield session


@pytest.fixture
def nameless(session):
    return session.scalars(select(Tag).where(Tag.name is None)).all()


@pytest.fixture(scope="module")
def report(nameless):
    return len(nameless)
"""
TESTS = """
import pytest


class TestTags:
    def test_session(self, session):
        assert session


def call(request):
    return request.node.name
"""


@pytest.mark.parametrize(
    ("conftest", "tests", "codes"),
    [
        (CONFTEST, TESTS, []),  # only `report` asks for it, for which nobody asks
        (CONFTEST, TESTS.replace("session", "nameless"), ["SAL502"]),
        (CONFTEST, TESTS.replace("session", "report"), ["SAL502"]),
        (CONFTEST, TESTS + "\npytestmark = pytest.mark.usefixtures('report')\n", ["SAL502"]),
        (CONFTEST.replace('"module"', '"module", autouse=True'), TESTS, ["SAL502"]),
        (CONFTEST.replace('"module"', '"module", autouse=False'), TESTS, []),
        (CONFTEST, TESTS.replace(".node.name", ".getfixturevalue('report')"), ["SAL502"]),
        (CONFTEST, TESTS.replace(".node.name", ".getfixturevalue(request.param)"), ["SAL502"]),
        (CONFTEST.replace('"module"', '"module", name="n"'), TESTS, []),
        (
            CONFTEST.replace('"module"', '"module", name="n"'),
            TESTS.replace("(request)", "(request, n)"),
            ["SAL502"],
        ),
        (CONFTEST, "", ["SAL502"]),  # the tests lie elsewhere
    ],
)
def test_a_fixture(tmp_path: Path, conftest: str, tests: str, codes: list[str]) -> None:
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "conftest.py").write_text(conftest, encoding="utf-8")
    (folder / "test_tags.py").write_text(tests, encoding="utf-8")
    settings = Settings(select=("SAL502",), target_version="2.0", root=tmp_path)
    assert [one.code for one in run([tmp_path], settings).findings] == codes


def test_pedants_are_told_and_plugins_are_for_others(tmp_path: Path) -> None:
    package = tmp_path / "app"
    package.mkdir()
    (package / "plugin.py").write_text(CONFTEST, encoding="utf-8")
    (tmp_path / "test_tags.py").write_text(TESTS, encoding="utf-8")
    settings = Settings(select=("SAL502",), target_version="2.0", root=tmp_path)
    assert [one.code for one in run([tmp_path], settings).findings] == ["SAL502"]
    (tmp_path / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    told = run([tmp_path], Settings(select=("SAL502",), pedantic=True, root=tmp_path)).findings
    assert sorted(Path(one.path).name for one in told) == ["conftest.py", "plugin.py"]
