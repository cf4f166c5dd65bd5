"""A branch of a function that no call of the program takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from sqla_lint.run import run
from sqla_lint.settings import Settings

MODELS = """
from sqlalchemy import Column, Integer, String, create_engine
from sqlalchemy.orm import Session, declarative_base, sessionmaker

Base = declarative_base()
SessionLocal = sessionmaker(create_engine("sqlite:///tags.db"))


class Tag(Base):
    __tablename__ = "tags"

    id = Column(Integer, primary_key=True)
    name = Column(String(50))


def get_session():
    with SessionLocal() as session:
        yield session
"""
QUERIES = """
from sqlalchemy import select
from sqlalchemy.orm import Session
from app.models import SessionLocal, Tag


class Tags:
    def nameless(self, limit: int, *, session: Session | None = None) -> list[Tag]:
        if session is not None:
            return session.scalars(select(Tag).limit(limit)).all()
        with SessionLocal() as own:
            return own.scalars(select(Tag).where(Tag.name is None)).all()


def unnamed(limit: int, session: Session | None = None, verbose: bool = False) -> list[Tag]:
    own = session is None
    if own:
        session = SessionLocal()
    try:
        if verbose:
            print(limit)
        return session.scalars(select(Tag).limit(limit)).all()
    finally:
        if own:
            session.query(Tag).filter(Tag.name is None).all()
            session.close()


def counted(session: Session, verbose: bool = False) -> int:
    if verbose:
        print(session.scalars(select(Tag).where(Tag.name is None)).all())
    return session.query(Tag).count()
"""
ROUTES = """
from fastapi import Depends, FastAPI
from sqlalchemy.orm import Session
from app.models import Tag, get_session
from app.queries import Tags, counted, unnamed

app = FastAPI()


@app.get("/tags")
def tags(cls=Tags, session: Session = Depends(get_session)):
    found = unnamed(9, session, verbose=True)
    counted(session, False)
    session.flush()
    return found + cls().nameless(3, session=session)
"""


def found(tmp_path: Path, routes: str, queries: str = QUERIES, pedantic: bool = False) -> list[str]:
    package = tmp_path / "app"
    package.mkdir()
    files = {"__init__": "", "queries": queries, "models": MODELS, "routes": routes}
    for name, text in files.items():
        (package / f"{name}.py").write_text(text, encoding="utf-8")
    settings = Settings(select=("SAL502",), pedantic=pedantic, target_version="2.0", root=tmp_path)
    return [one.function for one in run([tmp_path], settings).findings]


def test_what_every_call_excludes_is_for_pedants(tmp_path: Path) -> None:
    assert found(tmp_path, ROUTES) == []


def test_pedants_are_told(tmp_path: Path) -> None:
    assert found(tmp_path, ROUTES, pedantic=True) == ["Tags.nameless", "unnamed", "counted"]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        # a call that takes the branch
        ("nameless(3, session=session)", "nameless(3)", ["Tags.nameless"]),
        ("unnamed(9, session, verbose=True)", "unnamed(9)", ["unnamed"]),
        ("unnamed(9, session, verbose=True)", "unnamed(9, None)", ["unnamed"]),
        ("counted(session, False)", "counted(session, True)", ["counted"]),
        # what it passes is not known, or may be None
        ("counted(session, False)", "counted(session, cls.verbose)", ["counted"]),
        ("unnamed(9, session, verbose=True)", "unnamed(*cls.given)", ["unnamed"]),
        ("nameless(3, session=session)", "nameless(3, session=cls.session)", ["Tags.nameless"]),
        ("unnamed(9, session, verbose=True)", "unnamed(9, session or None)", ["unnamed"]),
        # who gets it may call it
        ("    counted(session, False)", "    run(counted)", ["counted"]),
        ("    session.flush()", "    getattr(cls, 'unnamed')(3)", ["unnamed"]),
        ("counted, unnamed\n", "counted, counted as more, unnamed\n", ["counted"]),
        # nothing of the program calls it: somebody else may
        ("    counted(session, False)\n", "", ["counted"]),
    ],
)
def test_a_call_that_may_take_it(tmp_path: Path, old: str, new: str, told: list[str]) -> None:
    routes = ROUTES.replace(old, new)
    assert routes != ROUTES
    assert found(tmp_path, routes) == told


def test_who_calls_a_library_is_not_here(tmp_path: Path) -> None:
    routes = ROUTES.replace("@app.get", "@print").replace("FastAPI()", "object()")
    assert found(tmp_path, routes) == ["Tags.nameless", "unnamed", "counted"]


def test_a_parameter_that_is_bound_anew(tmp_path: Path) -> None:
    queries = QUERIES.replace(
        "    if verbose:\n        print(session",
        "    verbose = verbose or limit()\n    if verbose:\n        print(session",
    )
    assert found(tmp_path, ROUTES, queries) == ["counted"]


def test_a_base_of_others_may_call_it(tmp_path: Path) -> None:
    queries = "from other import Base\n" + QUERIES.replace("class Tags:", "class Tags(Base):")
    assert found(tmp_path, ROUTES, queries) == ["Tags.nameless"]
