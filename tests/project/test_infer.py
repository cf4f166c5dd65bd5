"""What an expression is, within one module: each way the design lists."""

from __future__ import annotations

import pytest
from tests.project.program import kinds_in


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
