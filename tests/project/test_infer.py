"""What an expression is, within one module: each way the design lists."""

from __future__ import annotations

import pytest
from tests.project.program import kinds_in

from sqla_lint.catalog import kinds


@pytest.mark.parametrize(
    ("body", "kind", "is_async", "owner"),
    [
        ("x = engine.connect()", "CONNECTION", False, "local"),
        ("x = SessionLocal()", "SESSION", False, "local"),
        ("x = Session(engine)", "SESSION", False, "local"),
        ("x = Session(bind=thing)", "SESSION", False, "joined"),
        ("x = Session(engine.connect())", "SESSION", False, "joined"),
        ("x = scoped_session(SessionLocal)", "SCOPED_SESSION", False, "registry"),
        ("x = scoped_session(SessionLocal)()", "SESSION", False, "registry"),
        ("x = AsyncSession(async_engine)", "SESSION", True, "local"),
        ("x = AsyncSessionLocal()", "SESSION", True, "local"),
        ("with engine.begin() as x: pass", "CONNECTION", False, "managed"),
        ("with SessionLocal.begin() as x: pass", "SESSION", False, "managed"),
        ("with engine.connect() as x: pass", "CONNECTION", False, "local"),
        ("with Session(engine) as s, s.begin() as x: pass", "TRANSACTION", False, ""),
        ("x = Session(engine).connection()", "CONNECTION", False, "managed"),
        ("x = text('select 1')", "TEXT", False, ""),
        ("x = select(User).where(User.id == 1)", "SELECT", False, ""),
        ("x = SessionLocal().query(User).filter(User.id == 1)", "QUERY", False, ""),
        ("x = SessionLocal().get(User, 1)", "ENTITY", False, ""),
        ("x = SessionLocal().query(User).first()", "ENTITY", False, ""),
        ("x = User.id", "COLUMN_EXPR", False, ""),
        ("x = User()", "ENTITY", False, ""),
        ("x = User().id", "UNKNOWN", False, ""),
        ("for x in SessionLocal().scalars(select(User)): pass", "ENTITY", False, ""),
        ("for x in SessionLocal().execute(select(User)): pass", "ROW", False, ""),
        ("x, y = SessionLocal().execute(select(User, User)).one()", "ENTITY", False, ""),
        ("x = [u for u in SessionLocal().scalars(select(User))][0]", "ENTITY", False, ""),
        ("if (x := engine.connect()): pass", "CONNECTION", False, "local"),
        ("x = engine.connect() if thing else None", "CONNECTION", False, "local"),
        ("x = engine.connect() if thing else Session(engine)", "UNKNOWN", False, ""),
        ("x: Session = thing()", "SESSION", False, ""),
        ("x = {'a': engine}['a']", "ENGINE", False, ""),
        ("for _, x in {'a': engine}.items(): pass", "ENGINE", False, ""),
        ("x = thing.session", "UNKNOWN", False, ""),
        ("x = thing.connect()", "UNKNOWN", False, ""),
        ("import requests\n    x = requests.Session()", "FOREIGN", False, ""),
        ("import sqlite3\n    x = sqlite3.connect('f')", "FOREIGN", False, ""),
    ],
)
def test_kind_of_a_local(body: str, kind: str, is_async: bool, owner: str) -> None:
    found = kinds_in(f"def f(thing):\n    {body}\n")["x"]
    assert (found.name, found.is_async, found.owner) == (kind, is_async, owner)


@pytest.mark.parametrize(
    ("annotation", "kind", "is_async"),
    [
        ("Session", "SESSION", False),
        ("'Session'", "SESSION", False),
        ("Session | None", "SESSION", False),
        ("AsyncSession", "SESSION", True),
        ("int", "INT", False),
        ("User", "ENTITY", False),
        ("list[User]", "COLLECTION", False),
        ("type[User]", "MAPPED_CLASS", False),
        ("object", "UNKNOWN", False),
    ],
)
def test_kind_of_a_parameter_by_its_annotation(annotation: str, kind: str, is_async: bool) -> None:
    found = kinds_in(f"def f(x: {annotation}): pass\n")["x"]
    assert (found.name, found.is_async) == (kind, is_async)


def test_an_annotated_session_belongs_to_the_caller() -> None:
    assert kinds_in("def f(x: Session): pass\n")["x"].owner == "caller"


def test_a_dependency_is_the_frameworks() -> None:
    source = """
    from fastapi import Depends
    from typing import Annotated
    def get_db():
        with SessionLocal() as session:
            yield session
    Db = Annotated[Session, Depends(get_db)]
    def f(a=Depends(get_db), b: Session = Depends(get_db), c: Db = None): pass
    """
    found = kinds_in(source)
    assert {n: (found[n].name, found[n].owner) for n in "abc"} == {
        "a": ("SESSION", "managed"),
        "b": ("SESSION", "managed"),
        "c": ("SESSION", "managed"),
    }


def test_a_dependency_that_has_no_name_is_no_trouble() -> None:
    source = """
    from fastapi import Depends
    from typing import Annotated
    def f(x: Annotated[Session, Depends(lambda: 3)], y: Annotated[Session, Depends()]): pass
    """
    found = kinds_in(source)
    assert (found["x"].name, found["x"].owner) == ("SESSION", "managed")


def test_an_annotation_that_its_uses_belie_is_not_believed() -> None:
    source = """
    async def f(a: Session, b: Session):
        await a.execute(text("select 1"))
        b.execute(text("select 1"))
    """
    found = kinds_in(source)
    assert (found["a"].is_async, found["b"].is_async) == (True, False)


def test_what_async_with_enters_is_async() -> None:
    source = """
    async def f(maker: sessionmaker):
        async with maker() as x: pass
    """
    found = kinds_in(source)["x"]
    assert (found.name, found.is_async) == ("SESSION", True)


def test_a_context_manager_of_the_project_lends_its_session() -> None:
    source = """
    from contextlib import contextmanager
    @contextmanager
    def scope():
        session = SessionLocal()
        yield session
        session.close()
    def f():
        with scope() as x: pass
    """
    assert kinds_in(source)["x"][:2] == ("SESSION", False)
    assert kinds_in(source)["x"].owner == "managed"


def test_an_attribute_set_in_init_is_known_in_other_methods() -> None:
    source = """
    class Repository:
        def __init__(self, session: Session) -> None:
            self.session = session
            self.engine = create_engine("sqlite://")
        def f(self):
            x = self.session
            y = self.engine.connect()
    """
    found = kinds_in(source, "Repository.f")
    assert (found["x"].name, found["x"].owner) == ("SESSION", "caller")
    assert (found["y"].name, found["y"].owner) == ("CONNECTION", "local")


def test_a_subclass_of_session_is_a_session() -> None:
    source = """
    class Audited(Session): pass
    def f():
        x = Audited(engine)
    """
    assert kinds_in(source)["x"].name == "SESSION"


def test_a_parameter_takes_the_kind_all_callers_pass() -> None:
    source = """
    def f(x): pass
    def a(): f(engine.connect())
    def b(c: object, d=None):
        with engine.begin() as conn: f(conn)
    """
    assert kinds_in(source)["x"].name == "CONNECTION"


def test_callers_that_disagree_leave_a_parameter_unknown() -> None:
    source = """
    def f(x): pass
    def a(): f(engine.connect())
    def b(): f(3)
    """
    assert kinds_in(source)["x"].name == "UNKNOWN"


def test_a_name_reassigned_has_a_kind_for_each_definition() -> None:
    source = """
    def f():
        s = None
        s = SessionLocal()
        x = s
        s = 3
        y = s
    """
    found = kinds_in(source)
    assert (found["x"].name, found["y"].name) == ("SESSION", "INT")


def test_text_is_followed_through_formatting() -> None:
    source = """
    def f(name):
        x = text(f"select {name} " + "from t")
        y = text("update t set a = %s" % name)
    """
    found = kinds_in(source)
    assert found["x"].label == "select \ue000 from t"
    assert found["y"].label == "update t set a = \ue000"


def test_handlers_and_finally_are_inferred_too() -> None:
    source = """
    def f():
        try:
            thing()
        except ValueError:
            x = engine.connect()
        finally:
            y = engine.connect()
    """
    found = kinds_in(source)
    assert (found["x"].name, found["y"].name) == ("CONNECTION", "CONNECTION")


MIXED = """
from typing import ClassVar, Union

class View:
    maker: ClassVar[Union[sessionmaker, "async_sessionmaker"]]

    def plain(self):
        with self.maker(expire_on_commit=False) as session:
            found = session.execute(select(User))

    async def awaited(self):
        async with self.maker(expire_on_commit=False) as session:
            found = await session.execute(select(User))

    def neither(self):
        session = self.maker()
"""


@pytest.mark.parametrize(("method", "is_async"), [("plain", False), ("awaited", True)])
def test_use_tells_which_of_two_twins_it_is(method: str, is_async: bool) -> None:
    found = kinds_in(MIXED, f"View.{method}")
    assert (found["session"].name, found["session"].is_async) == (kinds.SESSION, is_async)
    assert found["found"].name == kinds.RESULT


def test_one_of_two_twins_is_no_session_before_its_use() -> None:
    assert kinds_in(MIXED, "View.neither")["session"].name != kinds.SESSION


@pytest.mark.parametrize(
    "body",
    [
        "if session is None:\n        session = Session(engine)",
        "if not session:\n        session = Session(engine)",
        "session = session or Session(engine)",
        "session = session if session is not None else Session(engine)",
        "session = Session(engine) if session is None else session",
    ],
)
def test_what_replaces_a_missing_parameter_tells_its_kind(body: str) -> None:
    found = kinds_in(f"def f(session=None):\n    {body}\n    again = session\n")
    assert found["again"].name == kinds.SESSION


def test_a_parameter_is_what_the_functions_want_it_is_handed_to() -> None:
    source = """
        def find(session: Session, key): ...

        def f(session, key):
            again = session
            return find(session, key)
    """
    assert kinds_in(source)["again"].name == kinds.SESSION


def test_a_caller_refutes_what_a_function_wants() -> None:
    source = """
        def find(session: Session, key): ...

        def f(session, key):
            again = session
            return find(session, key)

        def g():
            f(engine.connect(), 1)
    """
    assert kinds_in(source)["again"].name != kinds.SESSION


@pytest.mark.parametrize("mark", ["@classmethod", "@staticmethod"])
@pytest.mark.parametrize("on", ["Store", "Store()"])
def test_arguments_of_class_and_static_methods(mark: str, on: str) -> None:
    first = "cls, " if mark == "@classmethod" else ""
    source = f"""
class Store:
    {mark}
    def find({first}session, key):
        again = session

def caller():
    {on}.find(Session(engine), 1)
"""
    assert kinds_in(source, "Store.find")["again"].name == kinds.SESSION


@pytest.mark.parametrize("name", ["getattr(holder, 'session')", "getattr(holder, 'session', None)"])
def test_getattr_with_a_constant_name(name: str) -> None:
    source = f"""
class Holder:
    def __init__(self):
        self.session = Session(engine)

def f(holder: Holder):
    session = {name}
"""
    assert kinds_in(source)["session"].name == kinds.SESSION


def test_one_of_two_classes_with_the_same_base() -> None:
    source = """
class Old(Session): ...
class New(Session): ...

def chosen(old):
    return Old if old else New

def f(old):
    session = chosen(old)(engine)
"""
    assert kinds_in(source)["session"].name == kinds.SESSION


BACKENDS = """
import abc

class Backend(abc.ABC):
    @abc.abstractmethod
    def connect(self): ...

class Plain(Backend):
    def connect(self):
        return engine.connect()

    def get_session(self):
        return Session(engine)

class Special(Plain):
    def get_session(self):
        return SessionLocal()

class Other(Backend):
    def connect(self):
        return engine.connect()

    def name(self):
        return 1

class Third(Backend):
    def name(self):
        return Session(engine)

def f(backend: Backend):
    session = backend.get_session()
    conn = backend.connect()
    name = backend.name()
"""


def test_methods_of_the_classes_below_the_one_that_is_named() -> None:
    found = kinds_in(BACKENDS)
    assert found["session"].name == kinds.SESSION
    assert found["conn"].name == kinds.CONNECTION
    assert found["name"].name == kinds.UNKNOWN


@pytest.mark.parametrize(
    ("value", "is_async"),
    [
        ('cast("Session", thing)', False),
        ('cast("Optional[Session]", thing)', False),
        ('cast("AsyncSession | None", thing)', True),
        ("cast(Optional[Session], thing)", False),
    ],
)
def test_casts(value: str, is_async: bool) -> None:
    source = f"from typing import Optional, cast\n\ndef f(thing):\n    session = {value}\n"
    found = kinds_in(source)["session"]
    assert (found.name, found.is_async) == (kinds.SESSION, is_async)


STACKS = """
from contextlib import AsyncExitStack, ExitStack, contextmanager

@contextmanager
def lend():
    with Session(engine) as session:
        yield session

def f():
    with ExitStack() as stack:
        session = stack.enter_context(lend())
        conn = stack.enter_context(engine.connect())

async def g():
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(AsyncSessionLocal())
"""


def test_what_enters_a_stack_of_context_managers() -> None:
    found = kinds_in(STACKS)
    assert found["session"].name == kinds.SESSION
    assert found["conn"].name == kinds.CONNECTION
    assert kinds_in(STACKS, "g")["session"].is_async


DECORATED = """
from typing import Callable, TypeVar

F = TypeVar("F", bound=Callable)

def new(version):
    def decorate(function: F) -> F:
        return noted(function, version)
    return decorate

def registered(function):
    REGISTRY.append(function)
    return function

def replaced(function):
    return Replacement(function)

class Store:
    @new(version="1")
    def one(self):
        return engine.connect()

    @registered
    def two(self):
        return engine.connect()

    @replaced
    def three(self):
        return engine.connect()

def f(store: Store):
    one = store.one()
    two = store.two()
    three = store.three()
"""


def test_decorators_that_give_back_what_they_are_put_on() -> None:
    found = kinds_in(DECORATED)
    assert found["one"].name == found["two"].name == kinds.CONNECTION
    assert found["three"].name == kinds.UNKNOWN
