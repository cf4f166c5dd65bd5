"""Realistic spellings of where a session or an engine comes from, one each, and what looks like it."""

# ruff: noqa: E501

from __future__ import annotations

import pytest
from tests.project.program import linked, names_of

DB = """
from sqlalchemy import Column, Integer, create_engine, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session, declarative_base, scoped_session, sessionmaker

engine = create_engine("sqlite://")
SessionLocal = sessionmaker(engine)
Base = declarative_base()


class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
"""

# name → a module, the function in it whose `x` is asked for, its kind
SPELLED: dict[str, tuple[str, str, str]] = {
    "`super` with its arguments": (
        "class B(object):\n    def __init__(self, engine):\n        self.engine = engine\n    def f(self):\n        x = self.engine\nclass C(B):\n    def __init__(self, url):\n        e = create_engine(url)\n        super(C, self).__init__(e)\n",
        "B.f",
        "ENGINE",
    ),
    "the constructor of a base by its name": (
        "class B(object):\n    def __init__(self, engine):\n        self.engine = engine\n    def f(self):\n        x = self.engine\nclass C(B):\n    def __init__(self, url):\n        e = create_engine(url)\n        B.__init__(self, e)\n",
        "B.f",
        "ENGINE",
    ),
    "a method of `super` with its arguments": (
        "class B(object):\n    def make(self):\n        return SessionLocal()\nclass C(B):\n    def f(self):\n        x = super(C, self).make()\n",
        "C.f",
        "SESSION",
    ),
    "made of a text, or given": (
        "def f(url):\n    if isinstance(url, str):\n        e = create_engine(url)\n        x = Session(e)\n    else:\n        x = url\n    return x\n",
        "f",
        "SESSION",
    ),
    "an engine, made of a text or given": (
        "def f(con):\n    if isinstance(con, str):\n        x = create_engine(con)\n    else:\n        x = con\n    return x\n",
        "f",
        "ENGINE",
    ),
    "the same in one expression": (
        "def f(con):\n    x = create_engine(con) if isinstance(con, str) else con\n    return x\n",
        "f",
        "ENGINE",
    ),
    "what is replaced where it is a text": (
        "def f(con):\n    if isinstance(con, str):\n        con = create_engine(con)\n    x = con\n    return x\n",
        "f",
        "ENGINE",
    ),
    "an attribute, made or given": (
        "class A:\n    def __init__(self, con):\n        if isinstance(con, str):\n            self.e = create_engine(con)\n        else:\n            self.e = con\n    def f(self):\n        x = self.e\n",
        "A.f",
        "ENGINE",
    ),
    "made where none is given": (
        "def f(session=None):\n    if session is None:\n        x = SessionLocal()\n    else:\n        x = session\n    return x\n",
        "f",
        "SESSION",
    ),
    "an attribute, made where none is given": (
        "class A:\n    def __init__(self, session=None):\n        if session:\n            self.s = session\n        else:\n            self.s = SessionLocal()\n    def f(self):\n        x = self.s\n",
        "A.f",
        "SESSION",
    ),
    "an attribute that attrs describes": (
        "import attr\n@attr.s\nclass A:\n    s: Session = attr.ib()\n    def f(self):\n        x = self.s\n",
        "A.f",
        "SESSION",
    ),
    "one without an annotation, by who makes the object": (
        "import attr\n@attr.s\nclass A:\n    s = attr.ib()\n    def f(self):\n        x = self.s\ndef g():\n    A(SessionLocal())\n",
        "A.f",
        "SESSION",
    ),
    "a field of any type, by who makes the object": (
        "from dataclasses import dataclass\nfrom typing import Any\n@dataclass\nclass A:\n    s: Any\n    def f(self):\n        x = self.s\ndef g():\n    A(SessionLocal())\n",
        "A.f",
        "SESSION",
    ),
    "a type parameter of a function": (
        "def f[S: Session](s: S):\n    x = s\n",
        "f",
        "SESSION",
    ),
    "one of several types": (
        "def f[S: (Session, scoped_session)](s: S):\n    x = s\n",
        "f",
        "SESSION",
    ),
    "a type variable": (
        "from typing import TypeVar\nS = TypeVar('S', bound=Session)\ndef f(s: S):\n    x = s\n",
        "f",
        "SESSION",
    ),
    "a type variable with a bound in quotes": (
        "from typing import TypeVar\nS = TypeVar('S', bound='Session')\ndef f(s: S):\n    x = s\n",
        "f",
        "SESSION",
    ),
    "a type variable for either": (
        "from typing import TypeVar\nS = TypeVar('S', Session, AsyncSession)\ndef f(s: S):\n    x = s\n",
        "f",
        "EITHER",
    ),
    "a type variable for both": (
        "from typing import TypeVar\nS = TypeVar('S', Session, scoped_session)\ndef f(s: S):\n    x = s\n",
        "f",
        "SESSION",
    ),
    "a field of a named tuple": (
        "from typing import NamedTuple\nclass C(NamedTuple):\n    s: Session\n    n: int\ndef f(c: C):\n    x = c.s\n",
        "f",
        "SESSION",
    ),
    "an unpacked named tuple": (
        "from typing import NamedTuple\nclass C(NamedTuple):\n    s: Session\n    n: int\ndef f(c: C):\n    x, n = c\n",
        "f",
        "SESSION",
    ),
    "an element of a named tuple": (
        "from typing import NamedTuple\nclass C(NamedTuple):\n    s: Session\n    n: int\ndef f(c: C):\n    x = c[0]\n",
        "f",
        "SESSION",
    ),
    "a field of `namedtuple`": (
        "from collections import namedtuple\nC = namedtuple('C', 'session n')\ndef g():\n    return C(SessionLocal(), 1)\ndef f():\n    c = g()\n    x = c.session\n",
        "f",
        "SESSION",
    ),
    "an unpacked `namedtuple`": (
        "from collections import namedtuple\nC = namedtuple('C', ['session', 'n'])\ndef g():\n    return C(SessionLocal(), 1)\ndef f():\n    x, n = g()\n",
        "f",
        "SESSION",
    ),
    "a field by its keyword": (
        "from collections import namedtuple\nC = namedtuple('C', ['session', 'n'])\ndef g():\n    return C(session=SessionLocal(), n=1)\ndef f():\n    x = g().session\n",
        "f",
        "SESSION",
    ),
    "a union with a name in quotes": (
        "from typing import Union\nDb = Union['Session', None]\ndef f(s: Db):\n    x = s\n",
        "f",
        "SESSION",
    ),
    "a name for an optional one": (
        "from typing import Optional\nDb = Optional[Session]\ndef f(s: Db):\n    x = s\n",
        "f",
        "SESSION",
    ),
    "an alias in quotes": (
        "from typing import TypeAlias\nDb: TypeAlias = 'Session | None'\ndef f(s: Db):\n    x = s\n",
        "f",
        "SESSION",
    ),
    "an attribute that is set by who makes the object": (
        "class App:\n    pass\ndef make():\n    app = App()\n    app.db = SessionLocal()\n    return app\ndef f():\n    app = make()\n    x = app.db\n",
        "f",
        "SESSION",
    ),
    "an attribute of a module's object": (
        "class App:\n    pass\napp = App()\napp.db = SessionLocal()\ndef f():\n    x = app.db\n",
        "f",
        "SESSION",
    ),
    "an attribute that a class holds a place for": (
        "class Obj:\n    session = None\n    def f(self):\n        x = self.session\ndef g():\n    o = Obj()\n    o.session = SessionLocal()\n",
        "Obj.f",
        "SESSION",
    ),
    "an attribute that is set on the class": (
        "class Obj:\n    session = None\n    def f(self):\n        x = self.session\ndef g():\n    Obj.session = SessionLocal()\n",
        "Obj.f",
        "SESSION",
    ),
    "an attribute of an annotated object": (
        "class Obj:\n    session = None\ndef g(o: Obj):\n    o.session = SessionLocal()\ndef f(o: Obj):\n    x = o.session\n",
        "f",
        "SESSION",
    ),
    "a variable that another inner function sets": (
        "def o():\n    s = None\n    def g():\n        nonlocal s\n        s = SessionLocal()\n    def f():\n        x = s\n    return f\n",
        "o.<locals>.f",
        "SESSION",
    ),
    "a namespace": (
        "from types import SimpleNamespace\ndef g():\n    return SimpleNamespace(session=SessionLocal(), n=1)\ndef f():\n    x = g().session\n",
        "f",
        "SESSION",
    ),
    "what a view is registered with": (
        "from flask.views import MethodView\nfrom flask import Flask\napp = Flask('a')\nclass V(MethodView):\n    init_every_request = False\n    def __init__(self, session):\n        self.session = session\n    def f(self):\n        x = self.session\napp.add_url_rule('/', view_func=V.as_view('v', SessionLocal()))\n",
        "V.f",
        "SESSION",
    ),
    "what a view is registered with, by keyword": (
        "from flask.views import MethodView\nfrom flask import Flask\napp = Flask('a')\nclass V(MethodView):\n    def __init__(self, session):\n        self.session = session\n    def f(self):\n        x = self.session\napp.add_url_rule('/', view_func=V.as_view('v', session=SessionLocal()))\n",
        "V.f",
        "SESSION",
    ),
    "a method that classes below have": (
        "class B:\n    def session(self):\n        raise NotImplementedError\n    def f(self):\n        x = self.session()\nclass C(B):\n    def session(self):\n        return SessionLocal()\n",
        "B.f",
        "SESSION",
    ),
    "a property that classes below have": (
        "class B:\n    @property\n    def session(self):\n        raise NotImplementedError()\n    def f(self):\n        x = self.session\nclass C(B):\n    @property\n    def session(self):\n        return SessionLocal()\n",
        "B.f",
        "SESSION",
    ),
    "what a generic class is of, by its constructor": (
        "from typing import Generic, TypeVar, Type\nM = TypeVar('M')\nclass Repo(Generic[M]):\n    def __init__(self, model: Type[M], session: Session):\n        self.model = model\n        self.session = session\n    def get(self, id) -> M:\n        return self.session.get(self.model, id)\ndef f(s: Session):\n    r = Repo(User, s)\n    x = r.get(1)\n",
        "f",
        "ENTITY",
    ),
    "given, or made where it is something else": (
        "def f(con):\n    if hasattr(con, 'connect'):\n        x = con\n    else:\n        x = create_engine(con)\n    return x\n",
        "f",
        "ENGINE",
    ),
    "what is replaced unless it is one": (
        "from sqlalchemy.engine import Engine\ndef f(con):\n    if not isinstance(con, Engine):\n        con = create_engine(con)\n    x = con\n    return x\n",
        "f",
        "ENGINE",
    ),
    "an instance, as NumPy writes it": (
        'def f(session):\n    """Do it.\n\n    Parameters\n    ----------\n    session : sqlalchemy.orm.Session instance\n    tables : mapped\n    """\n    x = session\n',
        "f",
        "SESSION",
    ),
    "a dependency that is a class": (
        "from fastapi import Depends\nclass Ctx:\n    def __init__(self, db: Session = Depends(SessionLocal)):\n        self.db = db\ndef f(c = Depends(Ctx)):\n    x = c.db\n",
        "f",
        "SESSION",
    ),
    "a text that stays one": (
        "def f(con):\n    if isinstance(con, str):\n        e = create_engine(con)\n        x = con\n    else:\n        e = con\n    return e\n",
        "f",
        "UNKNOWN",
    ),
    "two things of two tests": (
        "def f(a, b):\n    if isinstance(a, str):\n        x = create_engine(a)\n    else:\n        x = b\n    return x\n",
        "f",
        "UNKNOWN",
    ),
    "what the callers pass that are known, and what is asked for": (
        "from sqlalchemy.engine import Connection, Engine\ndef f(con):\n    if isinstance(con, Connection):\n        x = con\n        return x\n    return None\nf(create_engine('sqlite://'))\n",
        "f",
        "CONNECTION",
    ),
    "what is asked for, by a name for the answer": (
        "from sqlalchemy.ext.asyncio import AsyncEngine\ndef f(con):\n    is_async = isinstance(con, AsyncEngine)\n    if is_async:\n        x = con\n        return x\n    return None\nf(create_engine('sqlite://'))\n",
        "f",
        "ENGINE",
    ),
    "what is no engine after the test": (
        "from sqlalchemy.engine import Engine\ndef f(con):\n    if isinstance(con, Engine):\n        con = SessionLocal()\n    x = con\n    return x\n",
        "f",
        "SESSION",
    ),
    "an engine where it is one, a session elsewhere": (
        "from sqlalchemy.engine import Engine\ndef f(con):\n    if isinstance(con, Engine):\n        x = con\n        con = SessionLocal()\n    return con\n",
        "f",
        "ENGINE",
    ),
    "an attribute that two set otherwise": (
        "class A:\n    db = None\n    def f(self):\n        x = self.db\ndef g(a: A):\n    a.db = SessionLocal()\ndef h(a: A, y):\n    a.db = y\n",
        "A.f",
        "NONE",
    ),
    "an attribute that the class itself sets": (
        "class A:\n    def __init__(self, y):\n        self.db = y()\n    def f(self):\n        x = self.db\ndef g(a: A):\n    a.db = SessionLocal()\n",
        "A.f",
        "UNKNOWN",
    ),
    "a field with a constructor of its own": (
        "class A:\n    db: object\n    def __init__(self, db):\n        self.db = db.other\n    def f(self):\n        x = self.db\ndef g():\n    A(db=SessionLocal())\n",
        "A.f",
        "UNKNOWN",
    ),
    "a method that is not left to others": (
        "class A:\n    def make(self):\n        if self:\n            raise NotImplementedError\n    def f(self):\n        x = self.make()\nclass B(A):\n    def make(self):\n        return SessionLocal()\n",
        "A.f",
        "NONE",
    ),
    "a class that hands only some names through": (
        "class W:\n    def __init__(self):\n        self.s = SessionLocal()\n    def __getattr__(self, name):\n        return getattr(self.s, 'x' + name)\ndef f():\n    x = W().query(User)\n",
        "f",
        "UNKNOWN",
    ),
    "a class that hands all names through": (
        "class W:\n    def __init__(self):\n        self.s = SessionLocal()\n    def __getattr__(self, name):\n        return getattr(self.s, name)\ndef f():\n    x = W().query(User)\n",
        "f",
        "QUERY",
    ),
    "a resource of flask-restful": (
        "from flask_restful import Api, Resource\napi = Api()\nclass R(Resource):\n    def __init__(self, session):\n        self.s = session\n    def f(self):\n        x = self.s\napi.add_resource(R, '/r', resource_class_kwargs={'session': SessionLocal(), 'a': 1})\n",
        "R.f",
        "SESSION",
    ),
    "a handler of Tornado's": (
        "from tornado.web import Application, RequestHandler\nclass H(RequestHandler):\n    def initialize(self, session):\n        self.s = session\n    def f(self):\n        x = self.s\napp = Application([('/', H, dict(session=SessionLocal(), a=1))])\n",
        "H.f",
        "SESSION",
    ),
    "a union of a text and an engine where it is no text": (
        "from typing import Union\nfrom sqlalchemy.engine import Engine\ndef f(con: Union[str, Engine]):\n    if isinstance(con, str):\n        e = create_engine(con)\n    else:\n        x = con\n",
        "f",
        "ENGINE",
    ),
    "the constructor of one of several bases": (
        "class Log:\n    def log(self): pass\nclass B:\n    def __init__(self, s):\n        self.s = s\n    def f(self):\n        x = self.s\nclass C(Log, B):\n    def __init__(self):\n        super().__init__(SessionLocal())\n",
        "B.f",
        "SESSION",
    ),
    "a field that a factory makes": (
        "from dataclasses import dataclass, field\nfrom typing import Any\n@dataclass\nclass A:\n    s: Any = field(default_factory=SessionLocal)\n    def f(self):\n        x = self.s\n",
        "A.f",
        "SESSION",
    ),
    "the same of attrs": (
        "import attr\n@attr.s\nclass A:\n    s = attr.ib(factory=SessionLocal)\n    def f(self):\n        x = self.s\n",
        "A.f",
        "SESSION",
    ),
    "what is kept in the configuration of Flask": (
        "from flask import current_app, Flask\ndef make():\n    app = Flask('a')\n    app.config['SF'] = SessionLocal\ndef f():\n    x = current_app.config['SF']\n",
        "f",
        "SESSION_FACTORY",
    ),
    "a factory that is the default of a parameter": (
        "class A:\n    def __init__(self, factory=SessionLocal):\n        self._factory = factory\n    @property\n    def session(self):\n        return self._factory()\n    def f(self):\n        x = self.session\n",
        "A.f",
        "SESSION",
    ),
    "several things at once": (
        "def f(n):\n    es = [create_engine('a'), create_engine('b')]\n    for n, x in zip(n, es):\n        pass\n",
        "f",
        "ENGINE",
    ),
    "what a thread is given": (
        "import threading\ndef f(e):\n    x = e\ndef g():\n    threading.Thread(target=f, args=(engine,)).start()\n",
        "f",
        "ENGINE",
    ),
    "a dictionary that is kept for commands": (
        "import click\n@click.group()\n@click.pass_context\ndef cli(ctx):\n    ctx.obj = {}\n    ctx.obj['db'] = SessionLocal()\n@cli.command()\n@click.pass_context\ndef f(ctx):\n    x = ctx.obj['db']\n",
        "f",
        "SESSION",
    ),
    "a method that is handed on": (
        "class D:\n    def make(self):\n        return SessionLocal()\nclass R:\n    def __init__(self, make):\n        self.make = make\n    def f(self):\n        x = self.make()\ndef g():\n    R(D().make)\n",
        "R.f",
        "SESSION",
    ),
    "a parameter that has another name in the base": (
        "class B:\n    def load(self, sess: Session): ...\nclass C(B):\n    def load(self, connection):\n        x = connection\n",
        "C.load",
        "SESSION",
    ),
    "the session of a query": (
        "from sqlalchemy.orm import Query\nclass Q(Query):\n    def f(self):\n        x = self.session\n",
        "Q.f",
        "SESSION",
    ),
    "the one object of a class below": (
        "class classproperty:\n    def __init__(self, f):\n        self.f = f\n    def __get__(self, o, owner):\n        return self.f(owner)\nclass B:\n    _instance = None\n    def __init__(self):\n        B._instance = self\n    @classproperty\n    def instance(cls):\n        return cls._instance\nclass S(B):\n    db = None\n    def __init__(self):\n        super().__init__()\n        S.db = SessionLocal()\ndef f():\n    x = S.instance.db\n",
        "f",
        "SESSION",
    ),
    "what a decorator hands to a method": (
        "import functools\ndef with_s(fn):\n    @functools.wraps(fn)\n    def w(self, *a, **k):\n        with SessionLocal() as session:\n            return fn(self, session, *a, **k)\n    return w\nclass A:\n    @with_s\n    def f(self, session, n):\n        x = session\n",
        "A.f",
        "SESSION",
    ),
    "a repository of a unit of work": (
        "class R:\n    def __init__(self, session):\n        self.session = session\nclass U:\n    def __enter__(self):\n        self.session = SessionLocal()\n        self.users = R(self.session)\n        return self\n    def __exit__(self, *a): pass\ndef f():\n    with U() as u:\n        x = u.users.session\n",
        "f",
        "SESSION",
    ),
    "a function that is handed on": (
        "def mk():\n    return SessionLocal()\nclass R:\n    def __init__(self, factory):\n        self.factory = factory\n    def f(self):\n        x = self.factory()\ndef g():\n    R(mk)\n",
        "R.f",
        "SESSION",
    ),
    "a class in a function": (
        "def make(s: Session):\n    class R:\n        def f(self):\n            x = s\n    return R\n",
        "make.<locals>.R.f",
        "SESSION",
    ),
    "a base of somebody else's comes first": (
        "from lib import Widget\nclass B:\n    def __init__(self, s):\n        self.s = s\n    def f(self):\n        x = self.s\nclass C(Widget, B):\n    def __init__(self):\n        super().make()\n    def make(self):\n        pass\nclass D(Widget, B, B):\n    def __init__(self):\n        super(D, self).other(SessionLocal())\n",
        "B.f",
        "UNKNOWN",
    ),
    "a parameter in another place than in the base": (
        "class B:\n    def load(self, name, sess: Session): ...\nclass C(B):\n    def load(self, connection):\n        x = connection\n",
        "C.load",
        "UNKNOWN",
    ),
}


@pytest.mark.parametrize(("source", "function", "kind"), SPELLED.values(), ids=SPELLED)
def test_kind(source: str, function: str, kind: str) -> None:
    found = names_of(linked(db=DB, m="from db import *\n" + source), "m", function)
    assert found["x"].name == kind


def test_a_module_that_is_imported_in_two_ways() -> None:
    source = "try:\n    from .db import User\nexcept ImportError:\n    from db import User\ndef f():\n    x = User\n"
    found = names_of(linked(app__init="", app__db=DB, app__m=source), "app.m")
    assert found["x"].name == "MAPPED_CLASS"


def test_an_attribute_of_another_modules_object() -> None:
    source = "from app import app\nfrom db import SessionLocal\napp.db = SessionLocal()\ndef f():\n    x = app.db\n"
    project = linked(db=DB, app="class App:\n    db = None\napp = App()\n", m=source)
    assert names_of(project, "m")["x"].name == "SESSION"


def test_a_variable_that_an_inner_function_sets() -> None:
    source = "def f():\n    s = None\n    def g():\n        nonlocal s\n        s = SessionLocal()\n    g()\n    x = s\n"
    assert names_of(linked(db=DB, m="from db import *\n" + source), "m")["x"].name == "SESSION"
