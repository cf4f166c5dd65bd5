"""What callers agree on and what callees want come to rest, and neither takes the other back."""

from __future__ import annotations

from sqla_lint.catalog import kinds, load
from sqla_lint.ir import Module
from sqla_lint.project.link import link
from sqla_lint.project.linked import Project
from sqla_lint.syntax.lower import lower_tree
from sqla_lint.syntax.parse import parse

# Nobody calls `first`; what it gets is what `third` says, two calls further down.
CHAIN = """
from sqlalchemy.orm import Session

def first(session):
    return second(session)

def second(session):
    return third(session)

def third(session: Session):
    return session.get(int, 1)
"""

# `second` tells by its own use what it wants; `first` then hands on just that.
BY_USE = """
from sqlalchemy import Column, Integer
from sqlalchemy.orm import declarative_base

Base = declarative_base()

class Row(Base):
    __tablename__ = "row"
    id = Column(Integer, primary_key=True)

def first(session):
    return second(session)

def second(session):
    return session.query(Row).all()
"""

# What a fixture gives is known better than by who wants it.
FIXTURE = """
import pytest
from sqlalchemy.orm import Session, sessionmaker

maker = sessionmaker(expire_on_commit=False)

@pytest.fixture
def session():
    with maker() as one:
        yield one

def work(session: Session):
    session.commit()

def test_work(session):
    work(session)
"""


def linked(source: str, path: str = "app.py") -> Project:
    tree = parse(source.encode(), path)
    module: Module = lower_tree(tree, path, path.removesuffix(".py"))
    return link([module], load((2, 0)))


def kind_of(project: Project, function: str, name: str) -> str:
    return project.inferred[function].typed.cells[name].name


def test_a_demand_reaches_everybody_on_the_way() -> None:
    project = linked(CHAIN)
    for name in ("first", "second", "third"):
        assert kind_of(project, f"app:{name}", "session") == kinds.SESSION
    assert not project.taken_back


def test_what_a_demand_makes_known_does_not_take_it_back() -> None:
    project = linked(BY_USE)
    assert kind_of(project, "app:first", "session") == kinds.SESSION
    assert not project.taken_back


def test_a_fixture_knows_more_than_who_is_handed_it() -> None:
    project = linked(FIXTURE, "test_app.py")
    session = project.inferred["test_app:test_work"].typed.cells["session"]
    assert "no-expire" in session.traits
