"""What a receiver is when a plug-in, a dictionary, a decorator or a use further on tells it."""

# ruff: noqa: E501

from __future__ import annotations

import pytest
from tests.project.program import linked, names_of

DB = """
from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session, declarative_base, scoped_session, sessionmaker

engine = create_engine("sqlite://")
SessionLocal = sessionmaker(engine)
Scoped = scoped_session(SessionLocal)
Base = declarative_base()
"""
MODELS = "from db import Base\nfrom sqlalchemy import Column, Integer\nclass User(Base):\n    __tablename__ = 'users'\n    id = Column(Integer, primary_key=True)\n"
FIXTURE = "import pytest\nfrom db import SessionLocal\n@pytest.fixture{}\ndef {}():\n    with SessionLocal() as s:\n        yield s\n"
TEST = "def test_f(session):\n    x = session\n"

# name → modules, of which the last has `f` (or `test_f`) whose `x` is asked for; kind, "!" for
# asyncio, and the owner where it matters
PROGRAMS: dict[str, tuple[dict[str, str], str]] = {
    # --- fixtures
    "a fixture of a plug-in that conftest names": (
        {
            "db": DB,
            "helpers": FIXTURE.format("", "session"),
            "conftest": "pytest_plugins = ['helpers']\n",
            "test_m": TEST,
        },
        "SESSION managed",
    ),
    "a fixture of a plug-in that nobody names": (
        {"db": DB, "helpers": FIXTURE.format("", "session"), "test_m": TEST},
        "SESSION managed",
    ),
    "a fixture with a name of its own": (
        {
            "db": DB,
            "conftest": FIXTURE.format("(name='session')", "session_fixture"),
            "test_m": TEST,
        },
        "SESSION managed",
    ),
    "a function that only looks like a test": (
        {
            "db": DB,
            "helpers": FIXTURE.format("", "session"),
            "test_m": "def f(session):\n    x = session\n",
        },
        "UNKNOWN in test_m.f",
    ),
    "two plug-ins with a fixture of the name": (
        {
            "db": DB,
            "helpers": FIXTURE.format("", "session"),
            "web": "import pytest, requests\n@pytest.fixture\ndef session():\n    return requests.Session()\n",
            "test_m": TEST,
        },
        "UNKNOWN",
    ),
    "a fixture of another test": (
        {"db": DB, "test_other": FIXTURE.format("", "session"), "test_m": TEST},
        "UNKNOWN",
    ),
    "the session of pytest-flask-sqlalchemy": (
        {
            "conftest": "import pytest\nfrom flask_sqlalchemy import SQLAlchemy\n@pytest.fixture\ndef _db():\n    return SQLAlchemy()\n",
            "test_m": "def test_f(db_session):\n    x = db_session\n",
        },
        "SCOPED_SESSION registry",
    ),
    "a session of no plug-in": (
        {"db": DB, "test_m": "def test_f(db_session):\n    x = db_session\n"},
        "UNKNOWN",
    ),
    # --- dictionaries
    "a dictionary by its keys": (
        {
            "db": DB,
            "m": "from db import SessionLocal\ndef f():\n    ctx = {'session': SessionLocal(), 'name': 'x'}\n    x = ctx['session']\n",
        },
        "SESSION",
    ),
    "a dictionary that is filled": (
        {
            "db": DB,
            "m": "from db import engine, SessionLocal\ndef f():\n    ctx = {}\n    ctx['engine'] = engine\n    ctx['session'] = SessionLocal()\n    x = ctx.get('engine')\n",
        },
        "ENGINE",
    ),
    "a dictionary that is passed": (
        {
            "db": DB,
            "use": "def run(ctx):\n    x = ctx['session']\n",
            "m": "from db import SessionLocal\nfrom use import run\ndef g():\n    run(dict(session=SessionLocal(), user=1))\n",
        },
        "SESSION in use.run",
    ),
    "another key of a dictionary": (
        {
            "db": DB,
            "m": "from db import SessionLocal\ndef f():\n    ctx = {'session': SessionLocal(), 'name': 'x'}\n    x = ctx['other']\n",
        },
        "UNKNOWN",
    ),
    "a key that is not known": (
        {
            "db": DB,
            "m": "from db import SessionLocal\ndef f(key):\n    ctx = {'session': SessionLocal(), 'name': 'x'}\n    x = ctx[key]\n",
        },
        "UNKNOWN",
    ),
    "one of two dictionaries": (
        {
            "db": DB,
            "m": "from db import SessionLocal\ndef f(a):\n    ctx = {'session': SessionLocal(), 'a': 1} if a else {'session': a, 'b': 2}\n    x = ctx['session']\n",
        },
        "UNKNOWN",
    ),
    "a TypedDict": (
        {
            "db": DB
            + "from typing import TypedDict\nclass State(TypedDict):\n    session: Session\n    name: str\n",
            "m": "from db import State\ndef f(state: State):\n    x = state['session']\n",
        },
        "SESSION",
    ),
    "an object with items": (
        {
            "db": DB
            + "class Registry:\n    def __getitem__(self, key) -> Session:\n        return self.made[key]\n",
            "m": "from db import Registry\ndef f(registry: Registry):\n    x = registry['main']\n",
        },
        "SESSION",
    ),
    "keywords": (
        {
            "db": DB,
            "use": "def find(key, **kwargs):\n    x = kwargs.get('session')\n",
            "m": "from db import SessionLocal\nfrom use import find\ndef g():\n    find(1, session=SessionLocal())\n",
        },
        "SESSION in use.find",
    ),
    "keywords that are handed on": (
        {
            "db": DB,
            "low": "def save(session=None):\n    x = session\n",
            "use": "from low import save\ndef find(key, **kwargs):\n    save(**kwargs)\n",
            "m": "from db import SessionLocal\nfrom use import find\ndef g():\n    find(1, session=SessionLocal())\n",
        },
        "SESSION in low.save",
    ),
    "keywords of which one caller passes something else": (
        {
            "db": DB,
            "use": "def find(key, **kwargs):\n    x = kwargs['session']\n",
            "m": "from db import SessionLocal\nfrom use import find\nimport requests\ndef g():\n    find(1, session=SessionLocal())\ndef h():\n    find(1, session=requests.Session())\n",
        },
        "UNKNOWN in use.find",
    ),
    "a decorator that puts a session into keywords by a name of its own": (
        {
            "db": DB,
            "deco": "from db import SessionLocal\ndef aware(name='session'):\n    def deco(f):\n        def wrapper(*args, **kw):\n            kw[name] = SessionLocal()\n            return f(*args, **kw)\n        return wrapper\n    return deco\n",
            "m": "from deco import aware\n@aware()\ndef f(key, session=None):\n    x = session\n",
        },
        "SESSION",
    ),
    # --- properties
    "a property that a decorator of the project makes": (
        {
            "db": DB
            + "def lazy(f):\n    return property(f)\nclass Store:\n    @lazy\n    def engine(self):\n        return create_engine('x')\n",
            "m": "from db import Store\ndef f(store: Store):\n    x = store.engine\n",
        },
        "ENGINE",
    ),
    "a property that a decorator with arguments makes": (
        {
            "deco": "import functools\nfrom typing import cast\ndef lazy(name=None):\n    def deco(f):\n        @property\n        @functools.wraps(f)\n        def wrapper(self):\n            return getattr(self, name)\n        @wrapper.setter\n        def wrapper(self, value):\n            setattr(self, name, value)\n        return cast('R', wrapper)\n    return deco\n",
            "db": "from deco import lazy\n"
            + DB
            + "class Store:\n    @lazy()\n    def engine(self):\n        return create_engine('x')\n",
            "m": "from db import Store\ndef f(store: Store):\n    x = store.engine\n",
        },
        "ENGINE",
    ),
    "a property of a descriptor": (
        {
            "db": DB
            + "class once:\n    def __init__(self, f):\n        self.f = f\n    def __get__(self, of, owner):\n        return self.f(of)\nclass Store:\n    @once\n    def engine(self):\n        return create_engine('x')\n",
            "m": "from db import Store\ndef f(store: Store):\n    x = store.engine\n",
        },
        "ENGINE",
    ),
    "a property of classes": (
        {
            "db": DB
            + "class of_class:\n    def __init__(self, f):\n        self.f = f\n    def __get__(self, of, owner):\n        return self.f(owner)\nclass Model:\n    kept = None\n    @classmethod\n    def keep(cls, session: Session):\n        cls.kept = session\n    @of_class\n    def session(cls):\n        return cls.kept\n",
            "m": "from db import Model\ndef f():\n    x = Model.session\n",
        },
        "SESSION",
    ),
    "a property of a library's decorator": (
        {
            "db": DB
            + "from pyramid.decorator import reify\nclass Store:\n    @reify\n    def engine(self):\n        return create_engine('x')\n",
            "m": "from db import Store\ndef f(store: Store):\n    x = store.engine\n",
        },
        "ENGINE",
    ),
    "a method that is no property": (
        {
            "db": DB
            + "def logged(f):\n    def wrapper(self):\n        return f(self)\n    return wrapper\nclass Store:\n    @logged\n    def engine(self):\n        return create_engine('x')\n",
            "m": "from db import Store\ndef f(store: Store):\n    x = store.engine\n",
        },
        "METHOD",
    ),
    # --- classes below
    "an attribute that the classes below have": (
        {
            "db": DB,
            "base": "class Store:\n    def f(self):\n        x = self.session\n",
            "m": "from base import Store\nfrom db import SessionLocal\nclass Own(Store):\n    def __init__(self):\n        self.session = SessionLocal()\n",
        },
        "SESSION attribute in base.Store.f",
    ),
    "an attribute in which the classes below have different things": (
        {
            "db": DB,
            "base": "class Store:\n    def f(self):\n        x = self.session\n",
            "m": "from base import Store\nfrom db import SessionLocal\nimport requests\nclass Own(Store):\n    def __init__(self):\n        self.session = SessionLocal()\nclass Web(Store):\n    def __init__(self):\n        self.session = requests.Session()\n",
        },
        "UNKNOWN in base.Store.f",
    ),
    # --- classes that make their objects themselves
    "a singleton that `__new__` makes": (
        {
            "db": DB
            + "class Database:\n    _instance = None\n    def __new__(cls):\n        if cls._instance is None:\n            cls._instance = super().__new__(cls)\n            cls._instance.engine = create_engine('x')\n        return cls._instance\n",
            "m": "from db import Database\ndef f():\n    x = Database().engine\n",
        },
        "ENGINE",
    ),
    "an object that a method of its class fits out": (
        {
            "db": DB
            + "class Database:\n    @classmethod\n    def make(cls):\n        made = cls()\n        made.session = SessionLocal()\n        return made\n",
            "m": "from db import Database\ndef f():\n    x = Database.make().session\n",
        },
        "SESSION attribute",
    ),
    "an object that somebody else fits out": (
        {
            "db": DB
            + "class Database:\n    pass\nclass Maker:\n    def make(self):\n        made = Database()\n        made.session = SessionLocal()\n        return made\n",
            "m": "from db import Database\ndef f():\n    x = Database().session\n",
        },
        "SESSION attribute",
    ),
    "an attribute that is set by its name": (
        {
            "db": DB
            + "class Database:\n    def __init__(self):\n        setattr(self, 'session', SessionLocal())\n",
            "m": "from db import Database\ndef f():\n    x = Database().session\n",
        },
        "SESSION attribute",
    ),
    # --- types
    "an overloaded function": (
        {
            "db": DB
            + "from typing import overload\n@overload\ndef get(a: int) -> Session: ...\n@overload\ndef get(a: str) -> int: ...\ndef get(a):\n    return SessionLocal()\n",
            "m": "from db import get\ndef f():\n    x = get(1)\n",
        },
        "SESSION local",
    ),
    "a name for a type of functions": (
        {
            "db": DB + "from collections.abc import Callable\nMaker = Callable[[], Session]\n",
            "m": "from db import Maker\ndef f(maker: Maker):\n    x = maker()\n",
        },
        "SESSION",
    ),
    "a name for a type of managers": (
        {
            "db": DB
            + "from contextlib import AbstractContextManager\nLent = AbstractContextManager[Session]\n",
            "m": "from db import Lent\ndef f(lent: Lent):\n    with lent as x:\n        pass\n",
        },
        "SESSION managed",
    ),
    "a new type": (
        {
            "db": DB + "from typing import NewType\nReading = NewType('Reading', Session)\n",
            "m": "from db import Reading\ndef f(x: Reading):\n    pass\n",
        },
        "SESSION",
    ),
    "a new type of something else": (
        {
            "db": DB + "from typing import NewType\nKey = NewType('Key', str)\n",
            "m": "from db import Key\ndef f(x: Key):\n    pass\n",
        },
        "UNKNOWN",
    ),
    # --- what is made where something is missing
    "what a cache has": (
        {
            "db": DB,
            "m": "from db import SessionLocal\nimport cache\ndef f():\n    x = cache.lookup('session')\n    if x is None:\n        x = SessionLocal()\n    return x\n",
        },
        "SESSION",
    ),
    "what is made on another way": (
        {
            "db": DB,
            "m": "from db import SessionLocal\nimport cache\ndef f(a):\n    x = cache.lookup('session')\n    if a:\n        x = SessionLocal()\n    return x\n",
        },
        "UNKNOWN",
    ),
    "an engine that is kept or made": (
        {
            "db": DB,
            "m": "from sqlalchemy import create_engine\nclass Store:\n    def __init__(self, engine=None):\n        if engine is not None:\n            self.engine = engine\n        else:\n            self.engine = create_engine('x')\n    def f(self):\n        x = self.engine\n",
        },
        "ENGINE in m.Store.f",
    ),
    # --- uses
    "what a mapped class is queried of": (
        {
            "db": DB,
            "models": MODELS,
            "m": "from models import User\ndef f(given):\n    given.query(User).all()\n    x = given\n",
        },
        "SESSION caller",
    ),
    "what something else is queried of": (
        {
            "db": DB,
            "m": "def f(given):\n    given.query('users').all()\n    x = given\n",
        },
        "UNKNOWN",
    ),
    # --- docstrings
    "a parameter that the docstring tells of": (
        {
            "m": 'def f(given):\n    """Find.\n\n    :type given: :class:`~sqlalchemy.orm.session.Session`\n    """\n    x = given\n',
        },
        "SESSION caller",
    ),
    "one in the style of Google": (
        {
            "m": 'from sqlalchemy import Engine\ndef f(given):\n    """Find.\n\n    Args:\n        given (Engine, optional): where.\n    """\n    x = given\n',
        },
        "ENGINE",
    ),
    "one in the style of NumPy": (
        {
            "m": 'import sqlalchemy as sa\ndef f(given):\n    """Find.\n\n    Parameters\n    ----------\n    given : sa.Connection\n        Where.\n    """\n    x = given\n',
        },
        "CONNECTION caller",
    ),
    "one of a name that the module does not know": (
        {
            "m": 'def f(given):\n    """Find.\n\n    :type given: Session\n    """\n    x = given\n',
        },
        "UNKNOWN",
    ),
    "one of another library's": (
        {
            "m": 'from requests import Session\ndef f(given):\n    """Find.\n\n    :type given: Session\n    """\n    x = given\n',
        },
        "UNKNOWN",
    ),
    "one of two kinds": (
        {
            "m": 'from sqlalchemy import Engine\ndef f(given):\n    """Find.\n\n    :type given: str or Engine\n    """\n    x = given\n',
        },
        "UNKNOWN",
    ),
    # --- managers
    "a session or one that is lent": (
        {
            "db": DB,
            "m": "from db import SessionLocal\nfrom contextlib import nullcontext\ndef f(db=None):\n    with nullcontext(db) if db is not None else SessionLocal() as x:\n        x.commit()\n",
        },
        "SESSION",
    ),
    "something else or one that is lent": (
        {
            "db": DB,
            "m": "from db import SessionLocal\nfrom contextlib import nullcontext\ndef f(db=None):\n    with nullcontext(1) if db is not None else SessionLocal() as x:\n        x.commit()\n",
        },
        "UNKNOWN",
    ),
    "a cast that says nothing": (
        {
            "db": DB,
            "m": "from db import SessionLocal\nfrom typing import Any, cast\ndef f():\n    with cast(Any, SessionLocal)() as x:\n        x.commit()\n",
        },
        "SESSION",
    ),
    # --- names
    "a module by its name": (
        {
            "db": DB,
            "m": "import importlib\ndef f():\n    orm = importlib.import_module('sqlalchemy.orm')\n    x = orm.Session()\n",
        },
        "SESSION",
    ),
    "the Session of one of two libraries": (
        {
            "m": "try:\n    from sqlmodel import Session\nexcept ImportError:\n    from sqlalchemy.orm import Session\ndef f(x: Session):\n    pass\n",
        },
        "SESSION",
    ),
    "a registry as the default": (
        {
            "db": DB,
            "m": "from db import Scoped\ndef f(x=Scoped):\n    x.commit()\n",
        },
        "SCOPED_SESSION",
    ),
    # --- listeners
    "a listener of a pool": (
        {
            "db": DB,
            "m": "from db import engine, event\nfrom typing import Any\n@event.listens_for(engine, 'connect')\ndef f(connection: Any, record: Any):\n    x = connection\n",
        },
        "RAW_CONNECTION caller",
    ),
    "a listener of a pool that is annotated amiss": (
        {
            "db": DB,
            "m": "from db import engine, event\nfrom sqlalchemy import Connection\n@event.listens_for(engine, 'checkout')\ndef f(connection: Connection, record, proxy):\n    x = connection\n",
        },
        "RAW_CONNECTION caller",
    ),
    "a listener of statements": (
        {
            "db": DB,
            "m": "from db import engine, event\n@event.listens_for(engine, 'before_cursor_execute')\ndef f(conn, cursor, statement, parameters, context, many):\n    x = conn\n",
        },
        "CONNECTION caller",
    ),
    "a listener of two things": (
        {
            "db": DB,
            "m": "from db import engine, event\n@event.listens_for(engine, 'connect')\n@event.listens_for(engine, 'begin')\ndef f(conn, *rest):\n    x = conn\n",
        },
        "UNKNOWN",
    ),
    # --- libraries
    "the context of a GraphQL field": (
        {
            "db": DB + "class Context:\n    session: Session\n",
            "m": "from strawberry.types import Info\nfrom db import Context\ndef f(info: Info[Context, None]):\n    x = info.context.session\n",
        },
        "SESSION",
    ),
    "the dependencies of an agent": (
        {
            "db": DB + "class Deps:\n    session: Session\n",
            "m": "from pydantic_ai import RunContext\nfrom db import Deps\ndef f(ctx: RunContext[Deps]):\n    x = ctx.deps.session\n",
        },
        "SESSION",
    ),
    "an action of CKAN": (
        {
            "m": "import ckan.plugins.toolkit as toolkit\ndef f(context, data_dict):\n    x = context['model'].Session\n",
        },
        "SCOPED_SESSION registry",
    ),
    "a function with the parameters of an action": (
        {
            "m": "import toolkit\ndef f(context, data_dict):\n    x = context['session']\n",
        },
        "UNKNOWN",
    ),
    "a request of Airflow's API": (
        {
            "m": "from airflow.api_fastapi.common.db.common import SessionDep\ndef f(x: SessionDep):\n    pass\n",
        },
        "SESSION managed",
    ),
    "sqlalchemy-helpers under Flask": (
        {
            "db": "from sqlalchemy_helpers.flask_ext import DatabaseExtension\ndb = DatabaseExtension()\n",
            "m": "from db import db\ndef f():\n    x = db.session\n",
        },
        "SESSION registry",
    ),
    "oslo.db behind a profiler": (
        {
            "m": "from oslo_db.sqlalchemy import enginefacade\nfrom oslo_utils import importutils\nprofiler = importutils.try_import('osprofiler.sqlalchemy')\ndef reads(context):\n    session = enginefacade.reader.using(context)\n    if profiler:\n        session = profiler.wrap_session(None, session)\n    return session\ndef f(context):\n    with reads(context) as x:\n        pass\n",
        },
        "SESSION managed",
    ),
    "oslo.db's old facade": (
        {
            "m": "from oslo_db.sqlalchemy import session\nfacade = session.EngineFacade.from_config(None)\ndef f():\n    x = facade.get_session()\n",
        },
        "SESSION local",
    ),
    "a view of Flask-AppBuilder": (
        {
            "m": "from flask_appbuilder import ModelView\nclass Users(ModelView):\n    def f(self):\n        x = self.datamodel.session\n",
        },
        "SCOPED_SESSION registry in m.Users.f",
    ),
    "a class with the mixins of sqlalchemy-mixins": (
        {
            "m": "from sqlalchemy_mixins import AllFeaturesMixin\nclass User(AllFeaturesMixin):\n    pass\ndef f():\n    x = User.session\n",
        },
        "SCOPED_SESSION registry",
    ),
    "a hook of Airflow's": (
        {
            "m": "from airflow.providers.postgres.hooks.postgres import PostgresHook\ndef f():\n    x = PostgresHook('a').get_sqlalchemy_engine()\n",
        },
        "ENGINE",
    ),
    "the engine of a connection": (
        {"db": DB, "m": "from db import engine\ndef f():\n    x = engine.connect().engine\n"},
        "ENGINE",
    ),
    "a view of Flask-Admin": (
        {
            "m": "from flask_admin.contrib.sqla import ModelView\nclass Users(ModelView):\n    def f(self):\n        x = self.session\n",
        },
        "SCOPED_SESSION managed in m.Users.f",
    ),
}


@pytest.mark.parametrize(("modules", "told"), PROGRAMS.values(), ids=PROGRAMS)
def test_kind(modules: dict[str, str], told: str) -> None:
    says, _, place = told.partition(" in ")
    kind, _, owner = says.partition(" ")
    last = list(modules)[-1]
    module, _, function = (
        place.partition(".") if place else (last, "", "test_f" if last.startswith("test_") else "f")
    )
    found = names_of(linked(**modules), module, function)["x"]
    assert found.name == kind
    if owner:
        assert found.owner == owner
