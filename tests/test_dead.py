"""A function that the program has left behind, in a module whose others it uses."""

from __future__ import annotations

from pathlib import Path

import pytest

from sqla_lint.run import run
from sqla_lint.settings import Settings

TAGS = """
from sqlalchemy import Column, Integer, String, create_engine, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, declarative_base, sessionmaker

Base = declarative_base()
SessionLocal = sessionmaker(create_engine("sqlite:///tags.db"))


class Tag(Base):
    __tablename__ = "tags"

    id = Column(Integer, primary_key=True)
    name = Column(String(50), unique=True)


def save(session: Session, name: str) -> None:
    session.add(Tag(name=name))
    session.commit()


def save_once(session: Session, name: str) -> bool:
    session.add(Tag(name=name))
    try:
        session.commit()
    except IntegrityError:
        return False
    return True


def names(session: Session) -> list[str]:
    return list(session.scalars(select(Tag.name)))


def show(found: list[str]) -> None:
    print(*found)
"""
MAIN = """
from app.tags import SessionLocal, names, save, show


def main() -> None:
    with SessionLocal() as session:
        save(session, "red")
        show(names(session))
"""


@pytest.mark.parametrize(
    ("main", "codes"),
    [
        (MAIN, []),
        (MAIN + "\n\nTABLE = ['save_once']\n", ["SAL203"]),  # it may be called by its name
        (MAIN.replace("show", "save_once as show", 1), ["SAL203"]),
        ("from app.tags import save\n", ["SAL203"]),  # a library: its callers are elsewhere
    ],
)
def test_what_nobody_mentions_fails_nobody(tmp_path: Path, main: str, codes: list[str]) -> None:
    package = tmp_path / "app"
    package.mkdir()
    for name, text in {"__init__": "", "tags": TAGS, "main": main}.items():
        (package / f"{name}.py").write_text(text, encoding="utf-8")
    told = run([tmp_path], Settings(select=("SAL203",), target_version="2.0", root=tmp_path))
    assert [one.code for one in told.findings] == codes


QUERIES = """
from sqlalchemy import Column, Integer, String, select
from sqlalchemy.orm import Session, declarative_base

Base = declarative_base()


class Tag(Base):
    __tablename__ = "tags"

    id = Column(Integer, primary_key=True)
    name = Column(String(50))


def named(session: Session) -> list[Tag]:
    return session.scalars(select(Tag).where(Tag.name.is_not(None))).all()


def nameless(session: Session) -> list[Tag]:
    return session.scalars(select(Tag).where(Tag.name is None)).all()
"""
ROUTES = """
from fastapi import Depends, FastAPI
from sqlalchemy.orm import Session
from app.db import get_session
from app.queries import named

app = FastAPI()


@app.get("/tags")
def tags(session: Session = Depends(get_session)):
    return named(session)
"""
DB = """
from sqlalchemy import create_engine
from sqlalchemy.orm import Session


def get_session():
    with Session(create_engine("sqlite://")) as session:
        yield session
"""


@pytest.mark.parametrize(
    ("routes", "pedantic", "codes"),
    [
        (ROUTES, False, []),
        (ROUTES, True, ["SAL502"]),
        (ROUTES.replace("import named", "import named, nameless"), False, ["SAL502"]),
        # no program: who else calls the functions of a library is not known
        (ROUTES.replace("app.get", "print"), False, ["SAL502"]),
        (ROUTES.replace("named", "Tag"), False, ["SAL502"]),
    ],
)
def test_what_nobody_calls_is_for_pedants(
    tmp_path: Path, routes: str, pedantic: bool, codes: list[str]
) -> None:
    package = tmp_path / "app"
    package.mkdir()
    files = {"__init__": "", "queries": QUERIES, "db": DB, "routes": routes}
    for name, text in files.items():
        (package / f"{name}.py").write_text(text, encoding="utf-8")
    settings = Settings(select=("SAL502",), pedantic=pedantic, target_version="2.0", root=tmp_path)
    assert [one.code for one in run([tmp_path], settings).findings] == codes


CHAIN = """
def printed(session: Session) -> None:
    def lines():
        return nameless(session)

    print(*lines())


def saved(session: Session) -> None:
    printed(session)
"""


@pytest.mark.parametrize(
    ("routes", "codes"),
    [
        (ROUTES, []),  # nobody calls `saved`, which alone calls `printed`, which calls the rest
        (ROUTES.replace("import named", "import named, saved"), ["SAL502"]),
        (ROUTES + "\n\nCOMMANDS = ['printed']\n", ["SAL502"]),
        (ROUTES.replace("app.get", "print"), ["SAL502"]),
        # a route of the same name calls it
        (
            ROUTES.replace("import named", "import named\nfrom app import queries")
            + """

@app.get("/nameless")
def nameless(session: Session = Depends(get_session)):
    return queries.nameless(session)
""",
            ["SAL502"],
        ),
    ],
)
def test_what_only_the_dead_call(tmp_path: Path, routes: str, codes: list[str]) -> None:
    package = tmp_path / "app"
    package.mkdir()
    files = {"__init__": "", "queries": QUERIES + CHAIN, "db": DB, "routes": routes}
    for name, text in files.items():
        (package / f"{name}.py").write_text(text, encoding="utf-8")
    settings = Settings(select=("SAL502",), target_version="2.0", root=tmp_path)
    assert [one.code for one in run([tmp_path], settings).findings] == codes


def test_what_calls_each_other_stays_as_it_is(tmp_path: Path) -> None:
    queries = QUERIES.replace("is None)).all()", "is None)).all() or again(session)")
    queries += "\n\ndef again(session):\n    return nameless(session)\n"
    package = tmp_path / "app"
    package.mkdir()
    files = {"__init__": "", "queries": queries, "db": DB, "routes": ROUTES}
    for name, text in files.items():
        (package / f"{name}.py").write_text(text, encoding="utf-8")
    settings = Settings(select=("SAL502",), target_version="2.0", root=tmp_path)
    assert [one.code for one in run([tmp_path], settings).findings] == ["SAL502"]
