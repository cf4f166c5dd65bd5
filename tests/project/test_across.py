"""What an expression is when the knowledge lies elsewhere: in callers, decorators, annotations,
fixtures, base classes, re-exports."""

# ruff: noqa: E501

from __future__ import annotations

import textwrap

import pytest
from tests.project.program import PRELUDE, linked, names_of

DB = """
from contextlib import asynccontextmanager, contextmanager
from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker, scoped_session

engine = create_engine("sqlite://")
SessionLocal = sessionmaker(bind=engine)

def get_session():
    with SessionLocal() as session:
        yield session

class Base: pass
"""

# name → (modules, in which the last has `f`, whose `x` is asked for), kind, owner
PROGRAMS = {
    "a return annotation": (
        {
            "db": DB + "import registry\ndef open() -> Session:\n    return registry.make()\n",
            "m": "from db import open\ndef f():\n    x = open()\n",
        },
        "SESSION",
        "",
    ),
    "an abstract property": (
        {
            "db": DB
            + "class Context:\n    @property\n    def session(self) -> Session:\n        raise NotImplementedError\n",
            "m": "from db import Context\ndef f(context: Context):\n    x = context.session\n",
        },
        "SESSION",
        "",
    ),
    "a declared generator": (
        {
            "db": DB
            + "import lib\nfrom collections.abc import Iterator\n@contextmanager\n"
            + "def scope() -> Iterator[Session]:\n    with lib.scope() as s:\n        yield s\n",
            "m": "from db import scope\ndef f():\n    with scope() as x:\n        pass\n",
        },
        "SESSION",
        "managed",
    ),
    "contextmanager as a function": (
        {
            "db": DB + "session_scope = contextmanager(get_session)\n",
            "m": "from db import session_scope\ndef f():\n    with session_scope() as x:\n        pass\n",
        },
        "SESSION",
        "managed",
    ),
    "a re-export": (
        {
            "pkg__init": "from .db import *\nfrom .db import get_session as opened\n",
            "pkg__db": DB
            + "@contextmanager\ndef scope():\n    with SessionLocal() as s:\n        yield s\n",
            "m": "import pkg\ndef f():\n    with pkg.scope() as x:\n        pass\n",
        },
        "SESSION",
        "managed",
    ),
    "a decorator that passes one by name": (
        {
            "db": DB
            + textwrap.dedent("""
                from functools import wraps
                def with_session(func):
                    @wraps(func)
                    def wrapper(*args, **kwargs):
                        with SessionLocal() as session:
                            return func(*args, session=session, **kwargs)
                    return wrapper
                """),
            "m": "from db import with_session\n@with_session\ndef f(a, session=None):\n    x = session\n",
        },
        "SESSION",
        "managed",
    ),
    "a decorator with arguments that passes one in front": (
        {
            "db": DB
            + textwrap.dedent("""
                from functools import wraps
                def transactional(retries):
                    def decorate(func):
                        @wraps(func)
                        def wrapper(*args, **kwargs):
                            with SessionLocal.begin() as session:
                                return func(session, *args, **kwargs)
                        return wrapper
                    return decorate
                """),
            "m": "from db import transactional\n@transactional(3)\ndef f(s, a):\n    x = s\n",
        },
        "SESSION",
        "managed",
    ),
    "what all callers pass, through a parameter": (
        {
            "m": DB
            + "def f(s):\n    x = s\n    f(s)\n"
            + "def g(s):\n    f(s)\n    h(s)\n"
            + "def h(s):\n    g(s)\n"
            + "def start():\n    with SessionLocal() as s:\n        g(s)\n",
        },
        "SESSION",
        "caller",
    ),
    "one caller passes something else": (
        {
            "m": DB
            + "import lib\ndef f(s):\n    x = s\ndef g():\n    f(SessionLocal())\n"
            + "def h():\n    f(lib.Client())\n",
        },
        "UNKNOWN",
        "",
    ),
    "a caller that nobody calls": (
        {
            "m": DB
            + "def f(s):\n    x = s\ndef g(s):\n    f(s)\ndef h():\n    f(SessionLocal())\n",
        },
        "UNKNOWN",
        "",
    ),
    "a constructor argument, through super": (
        {
            "repo": "class Repository:\n    def __init__(self, db):\n        self.db = db\n",
            "m": DB
            + textwrap.dedent("""
                from repo import Repository
                class Users(Repository):
                    def __init__(self, db):
                        super().__init__(db)
                def f():
                    with SessionLocal() as session:
                        users = Users(session)
                        x = users.db
                """),
        },
        "SESSION",
        "caller",
    ),
    "an attribute of an attribute": (
        {
            "m": DB
            + textwrap.dedent("""
                class Model:
                    def __init__(self):
                        self.session = scoped_session(SessionLocal)
                class App:
                    model: Model
                class Context:
                    def __init__(self, app: App):
                        self.app = app
                    @property
                    def sa_session(self):
                        return self.app.model.session
                def f(trans: Context):
                    x = trans.sa_session
                """),
        },
        "SCOPED_SESSION",
        "registry",
    ),
    "the method it overrides": (
        {
            "base": DB + "class Job:\n    def run(self, session: Session): ...\n",
            "m": "from base import Job\nclass f(Job):\n    def run(self, session):\n        x = session\n",
        },
        "SESSION",
        "caller",
    ),
    "a fixture": (
        {
            "conftest": DB
            + "import pytest\n@pytest.fixture(scope='function')\ndef db():\n"
            + "    with SessionLocal() as session:\n        yield session\n",
            "test_m": "def test_f(db):\n    x = db\n",
        },
        "SESSION",
        "managed",
    ),
    "a union with a registry": (
        {"m": DB + "def f(s: Session | scoped_session[Session]):\n    x = s\n"},
        "SESSION",
        "caller",
    ),
    "an alias of a union": (
        {
            "m": DB
            + "from typing import Union\nDB = Union[Session, scoped_session]\ndef f(s: DB):\n    x = s\n"
        },
        "SESSION",
        "caller",
    ),
    "a callable that gives one": (
        {
            "m": DB
            + "from typing import Callable\ndef f(make: Callable[[], Session]):\n    x = make()\n"
        },
        "SESSION",
        "",
    ),
    "a callable that gives a manager": (
        {
            "m": DB
            + "from typing import Callable, ContextManager\n"
            + "def f(scope: Callable[..., ContextManager[Session]]):\n"
            + "    with scope() as x:\n        pass\n"
        },
        "SESSION",
        "managed",
    ),
    "an import that may fail": (
        {
            "m": "try:\n    from sqlalchemy.orm import Session\nexcept ImportError:\n"
            + "    from sqlalchemy.orm.session import Session\ndef f():\n    x = Session()\n"
        },
        "SESSION",
        "local",
    ),
    "an import for the type checker": (
        {
            "m": "from typing import TYPE_CHECKING\nfrom lazy import Lazy\nif TYPE_CHECKING:\n"
            + "    import sqlalchemy.orm as orm\nelse:\n    orm = Lazy('sqlalchemy.orm')\n"
            + "def f():\n    x = orm.Session()\n"
        },
        "SESSION",
        "local",
    ),
    "a subclass with methods of its own": (
        {
            "m": DB
            + "class Own(Session):\n    def fresh(self):\n        return SessionLocal()\n"
            + "def f():\n    x = Own().fresh()\n"
        },
        "SESSION",
        "local",
    ),
    "a subclass of Flask-SQLAlchemy's object": (
        {
            "ext": "from flask_sqlalchemy import SQLAlchemy\nclass Database(SQLAlchemy): pass\ndb = Database()\n",
            "m": "from ext import db\ndef f():\n    x = db.session\n",
        },
        "SCOPED_SESSION",
        "registry",
    ),
    "an object of another library": (
        {"m": "from invenio_db import db\ndef f():\n    x = db.session\n"},
        "SCOPED_SESSION",
        "registry",
    ),
    "a decorator that may give anything": (
        {
            "m": DB
            + "def cached(func):\n    return Cache(func)\n@cached\ndef make():\n    return SessionLocal()\n"
            + "def f():\n    x = make()\n"
        },
        "UNKNOWN",
        "",
    ),
    "a decorator that wraps": (
        {
            "m": DB
            + "from functools import wraps\ndef logged(func):\n    @wraps(func)\n"
            + "    def inner(*args):\n        return func(*args)\n    return inner\n"
            + "@logged\ndef make():\n    return SessionLocal()\ndef f():\n    x = make()\n"
        },
        "SESSION",
        "local",
    ),
}


@pytest.mark.parametrize(("modules", "kind", "owner"), PROGRAMS.values(), ids=PROGRAMS)
def test_kind(modules: dict[str, str], kind: str, owner: str) -> None:
    project = linked(**modules)
    last = list(modules)[-1]
    functions = project.knowledge.index.modules[last].functions
    name = next(
        name
        for name in ("f", "f.run", "test_f")
        if "x" in functions.get(name, functions["<module>"]).locals
    )
    found = names_of(project, last, name)["x"]
    assert (found.name, found.owner) == (kind, owner)


def test_keywords_after_a_starred_argument_are_known() -> None:
    project = linked(
        m=PRELUDE
        + """
def clean(*, table, session):
    again = session

def run(config):
    clean(**config, session=Session(engine))
"""
    )
    assert names_of(project, "m", "clean")["again"].name == "SESSION"
