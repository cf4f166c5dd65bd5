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
NO_PROGRAM = ROUTES.replace("app.get", "print").replace("app = FastAPI()", "app = object()")
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
        (NO_PROGRAM, False, ["SAL502"]),
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


MADE = """
from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session
from app.db import get_session
from app.queries import named


def make_router() -> APIRouter:
    router = APIRouter()

    @router.get("/tags")
    def tags(session: Session = Depends(get_session)):
        return named(session)

    return router
"""
HANDLERS = """
from litestar import Controller
from litestar.handlers import get
from sqlalchemy.orm import Session
from app.queries import named


class Tags(Controller):
    @get("/tags")
    async def tags(self, session: Session) -> list:
        return named(session)
"""


@pytest.mark.parametrize(
    ("routes", "main", "codes"),
    [
        (MADE, "from fastapi import FastAPI\n", ["SAL502"]),  # others include the router
        (MADE, "from app.routes import make_router\n\nROUTER = make_router()\n", []),
        (HANDLERS, "", []),
        (HANDLERS.replace("named", "nameless"), "", ["SAL502"]),
    ],
)
def test_routes_of_what_is_made(tmp_path: Path, routes: str, main: str, codes: list[str]) -> None:
    package = tmp_path / "app"
    package.mkdir()
    queries = QUERIES + "\n\ndef listed(session: Session) -> list[Tag]:\n    return []\n"
    files = {"__init__": "", "queries": queries, "db": DB, "routes": routes, "main": main}
    for name, text in files.items():
        (package / f"{name}.py").write_text(text, encoding="utf-8")
    settings = Settings(select=("SAL502",), target_version="2.0", root=tmp_path)
    assert [one.code for one in run([tmp_path], settings).findings] == codes


LOOSE = ROUTES.replace("app.db", "db").replace("app.queries", "queries")


@pytest.mark.parametrize(
    ("folder", "routes", "codes"),
    [
        ("server", LOOSE, []),
        ("server", LOOSE.replace("import named", "import named, nameless"), ["SAL502"]),
        # no program; one that shows what is beside it; one that does not import it
        ("server", LOOSE.replace("app.get", "print").replace("FastAPI()", "object()"), ["SAL502"]),
        ("examples", LOOSE, ["SAL502"]),
        ("server", LOOSE.replace("from queries", "from lib.queries"), ["SAL502"]),
    ],
)
def test_a_folder_of_files_is_a_program(
    tmp_path: Path, folder: str, routes: str, codes: list[str]
) -> None:
    (tmp_path / folder).mkdir()
    for name, text in {"queries": QUERIES, "db": DB, "main": routes}.items():
        (tmp_path / folder / f"{name}.py").write_text(text, encoding="utf-8")
    settings = Settings(select=("SAL502",), target_version="2.0", root=tmp_path)
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
        (NO_PROGRAM, ["SAL502"]),
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


def test_what_only_calls_each_other(tmp_path: Path) -> None:
    queries = QUERIES.replace("is None)).all()", "is None)).all() or again(session)")
    queries += "\n\ndef again(session):\n    return nameless(session)\n"
    package = tmp_path / "app"
    package.mkdir()
    files = {"__init__": "", "queries": queries, "db": DB, "routes": ROUTES}
    for name, text in files.items():
        (package / f"{name}.py").write_text(text, encoding="utf-8")
    settings = Settings(select=("SAL502",), target_version="2.0", root=tmp_path)
    assert not run([tmp_path], settings).findings


MODELS = """
from sqlalchemy import Column, Integer, String
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class Tag(Base):
    __tablename__ = "tags"

    id = Column(Integer, primary_key=True)
    name = Column(String(50))
"""
# `start()` is a common name: whether that of the cleaner runs is told by what it is called on.
SERVICES = """
import threading
from sqlalchemy import select
from app.models import Tag


class Report:
    pass


class Cleaner:
    def __init__(self, session):
        self.session = session

    def start(self):
        return self._nameless()

    def _nameless(self):
        return self.session.scalars(select(Tag).where(Tag.name is None)).all()

    def names(self):
        return self.session.scalars(select(Tag.name)).all()


class Manager:
    def __init__(self, session):
        self.cleaner = Cleaner(session)

    def begin_cleaning(self):
        self.cleaner.start()

    def names(self):
        return self.cleaner.names()


class Worker:
    def start(self):
        threading.Thread(target=print).start()
"""
SERVING = """
from fastapi import Depends, FastAPI
from sqlalchemy.orm import Session
from app.db import get_session
from app.services import Manager, Worker

app = FastAPI()


@app.get("/tags")
def tags(session: Session = Depends(get_session)):
    worker = Worker()
    worker.start()
    return Manager(session).names()
"""
PROGRAM = {
    "app/__init__.py": "",
    "app/models.py": MODELS,
    "app/db.py": DB,
    "app/services.py": SERVICES,
    "app/routes.py": SERVING,
}


def codes(tmp_path: Path, files: dict[str, str], *, pedantic: bool = False) -> list[str]:
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    settings = Settings(select=("SAL502",), target_version="2.0", root=tmp_path, pedantic=pedantic)
    return [one.code for one in run([tmp_path], settings).findings]


def serving(text: str, *, before: str = "    return Manager") -> dict[str, str]:
    """The program, whose route does something more."""
    return PROGRAM | {"app/routes.py": SERVING.replace(before, text + before)}


def test_another_class_has_a_method_of_the_name(tmp_path: Path) -> None:
    assert codes(tmp_path, PROGRAM) == []
    assert codes(tmp_path, PROGRAM, pedantic=True) == ["SAL502"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("    import sentry_sdk\n\n    sentry_sdk.start()\n", []),
        ("    from sentry_sdk import client\n\n    client.start()\n", []),
        ("    import app.jobs as jobs\n\n    jobs.cleaner.start()\n", ["SAL502"]),
        ("    import sentry_sdk\n\n    sentry_sdk = print()\n    sentry_sdk.start()\n", ["SAL502"]),
    ],
)
def test_a_library_has_a_function_of_the_name(tmp_path: Path, text: str, found: list[str]) -> None:
    assert codes(tmp_path, serving(text) | {"app/jobs.py": "cleaner = print()\n"}) == found


@pytest.mark.parametrize(
    "files",
    [
        serving("    Manager(session).begin_cleaning()\n"),
        serving("    manager = Manager(session)\n    print(manager.begin_cleaning)\n"),
        serving("    for one in print(session):\n        one.start()\n"),  # who knows on what
        serving("    getattr(Manager(session), 'begin_cleaning')()\n"),
        serving("    getattr(Manager(session), 'begin_' + print())()\n"),
        # some class below calls it, or has it called
        PROGRAM
        | {
            "app/services.py": SERVICES
            + "\n\nclass Sure(Manager):\n    def names(self):\n        self.begin_cleaning()\n"
        }
        | {"app/routes.py": SERVING.replace("Manager", "Sure")},
        # the interface that it implements is asked for it
        PROGRAM
        | {
            "app/services.py": SERVICES
            + "\n\nclass Starting(Protocol):\n    def start(self) -> None: ...\n"
        }
        | {
            "app/services.py": "from typing import Protocol\n"
            + SERVICES
            + "\n\nclass Starting(Protocol):\n    def start(self) -> None: ...\n"
        },
        # a file without a database may be handed it
        PROGRAM
        | {
            "app/jobs.py": "def begin(manager):\n    manager.begin_cleaning()\n",
            "app/routes.py": SERVING.replace("import Manager", "import Manager")
            + "\n\nimport app.jobs\n",
        },
        PROGRAM | {"setup.cfg": "console_scripts =\n    x = app.services:begin_cleaning\n"},
        # a library: its callers are elsewhere
        PROGRAM
        | {
            "app/routes.py": SERVING.replace("app.get", "print").replace(
                "app = FastAPI()", "app = object()"
            )
        },
    ],
)
def test_something_may_call_it(tmp_path: Path, files: dict[str, str]) -> None:
    assert codes(tmp_path, files) == ["SAL502"]


CLASS = """
from sqlalchemy import select
from app.models import Tag


class Scanner:
    def __init__(self, session):
        self.session = session

    def tags(self):
        return self.session.scalars(select(Tag).where(Tag.name is None)).all()

    def __iter__(self):
        return iter(self.tags())


class Names(list):
    pass
"""
MADE = "\nfrom app.scanner import Scanner\n\n\ndef made(session):\n    return Scanner(session)\n"
SCANNING = PROGRAM | {
    "app/services.py": SERVICES.replace("Tag.name is None", "Tag.name.is_(None)"),
    "app/scanner.py": CLASS,
    "app/routes.py": SERVING + "\n\nfrom app.scanner import Names\n\nprint(Names())\n",
}


@pytest.mark.parametrize(
    ("more", "found"),
    [
        ({}, []),
        # a package that hands it on does not use it, but at the top, where others take it
        ({"app/tools/__init__.py": "from app.scanner import Scanner\n"}, []),
        ({"app/__init__.py": "from app.scanner import Scanner\n"}, ["SAL502"]),
        ({"app/__init__.py": "__all__ = ['Scanner']\n"}, ["SAL502"]),
        # only what nobody calls makes it
        ({"app/services.py": SCANNING["app/services.py"] + MADE}, []),
        ({"app/db.py": DB + MADE + "\n\nprint(made)\n"}, ["SAL502"]),
        ({"app/db.py": DB + "\nfrom app import scanner\n\nprint(scanner.Scanner)\n"}, ["SAL502"]),
        (
            {
                "app/tools/__init__.py": "from app.scanner import Scanner as It\n",
                "app/db.py": DB + "\nfrom app.tools import It\n\nprint(It(1))\n",
            },
            ["SAL502"],
        ),
        # what is below it is made
        (
            {
                "app/db.py": DB + "\nfrom app import scanner\n\n\nclass Sub(scanner.Scanner):\n"
                "    pass\n\n\nprint(Sub(1))\n"
            },
            ["SAL502"],
        ),
        # a base of another package may have it found
        (
            {
                "app/scanner.py": "from x import Base\n"
                + CLASS.replace("Scanner:", "Scanner(Base):")
            },
            ["SAL502"],
        ),
        ({"app/db.py": DB + "\n\nprint(object.__subclasses__())\n"}, ["SAL502"]),
        (
            {
                "app/scanner.py": "from x import known\n"
                + CLASS.replace("class Scanner", "@known\nclass Scanner")
            },
            ["SAL502"],
        ),
    ],
)
def test_nobody_makes_the_class(tmp_path: Path, more: dict[str, str], found: list[str]) -> None:
    assert codes(tmp_path, SCANNING | more) == found


def test_its_folder_is_no_package(tmp_path: Path) -> None:
    """A route of the name, and a text: neither means the function of a folder in the program."""
    queries = QUERIES.replace("def nameless", "def export")
    routes = SERVING.replace(
        "    return Manager",
        "    from app.tools import queries\n\n    print({'a': 'export'})\n"
        "    return queries.named(session) or Manager",
    ).replace("def tags", "def export")
    files = SCANNING | {"app/scanner.py": "class Names(list):\n    pass\n"}
    files |= {"app/tools/queries.py": queries, "app/routes.py": routes}
    assert codes(tmp_path, files) == []
