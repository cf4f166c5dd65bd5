"""Objects of which only what is done with them tells what they are."""

from __future__ import annotations

import pytest
from tests.project.program import PRELUDE, kinds_in, linked, names_of

from sqla_lint.catalog import kinds
from sqla_lint.project.kind import UNKNOWN, Kind


def _of(body: str, *, waits: bool = False) -> Kind:
    """What `x` is in a function of a few lines, of which nothing else is known."""
    lines = "\n    ".join(body.splitlines())
    start = "async def" if waits else "def"
    return kinds_in(f"{start} f(x, y):\n    {lines}\n    again = x\n")["again"]


@pytest.mark.parametrize(
    "body",
    [
        "x.add(User())\nx.commit()",
        "x.add(User())\nx.flush()\nx.refresh(y)",
        "x.execute(select(User))\nx.delete(User())",
        "x.execute(text('SELECT 1'))\nx.expunge_all()",
        "x.add_all([User(), User()])\nx.commit()",
        "x.query(y).filter_by(id=1).first()",
        "x.query(y).join(y.other).filter_by(**y).all()",
    ],
)
def test_what_only_sessions_take(body: str) -> None:
    found = _of(body)
    assert (found.name, found.is_async) == (kinds.SESSION, False)


def test_what_is_waited_for_is_async() -> None:
    found = _of("x.add(User())\nawait x.commit()", waits=True)
    assert (found.name, found.is_async) == (kinds.SESSION, True)


@pytest.mark.parametrize(
    "body",
    [
        "x.add(y)\nx.commit()",  # of nobody knows what
        "x.add(User())",  # so does a list of users
        "x.execute(select(User))\nx.commit()",  # a connection does, too
        "x.execute('SELECT 1')\nx.flush()",
        "x.flush()\nx.commit()",
        "x.query(y)",
        "x.connect()",
    ],
)
def test_what_others_take_as_well(body: str) -> None:
    assert _of(body).name == kinds.UNKNOWN


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("Base.metadata.create_all(x)\nx.dispose()", kinds.ENGINE),
        ("Table('t', MetaData(), autoload_with=x)\nwith x.connect() as c: pass", kinds.ENGINE),
        ("MetaData().reflect(bind=x)\nx.execute(text('SELECT 1'))", kinds.CONNECTION),
        ("Session(bind=x)\nwith x.begin() as c: c.execute(text('SELECT 1'))", kinds.ENGINE),
        ("with x.connect() as c:\n    c.execute(select(User))", kinds.ENGINE),
        ("c = x.connect()\nc.execute(User.__table__.delete())", kinds.ENGINE),
        ("MetaData().create_all(x)", kinds.UNKNOWN),
        ("MetaData().create_all(x)\nx.connect()\nx.execute(y)", kinds.UNKNOWN),
        ("with x.connect() as c:\n    c.execute('SELECT 1')", kinds.UNKNOWN),
    ],
)
def test_an_engine_or_a_connection(body: str, kind: str) -> None:
    assert _of(body).name == kind


def test_an_engine_that_runs_what_makes_tables() -> None:
    body = "async with x.begin() as c:\n    await c.run_sync(Base.metadata.create_all)"
    found = _of(body, waits=True)
    assert (found.name, found.is_async) == (kinds.ENGINE, True)


def test_variables_that_nobody_knows() -> None:
    source = """
        import elsewhere

        def f():
            with elsewhere.Manager().session() as session:
                session.add(User())
                session.commit()
    """
    assert kinds_in(source)["session"].name == kinds.SESSION


REPOSITORY = """
class Repository:
    def __init__(self, session):
        self.session = session

    def add(self, user: User):
        self.session.add(user)
        self.session.flush()


class Users(Repository):
    def f(self):
        again = self.session
"""


def test_what_one_method_does_tells_what_others_have() -> None:
    project = linked(m=PRELUDE + REPOSITORY)
    assert names_of(project, "m", "Users.f")["again"].name == kinds.SESSION


def test_methods_that_disagree_tell_nothing() -> None:
    waiting = """
    async def wait(self, user: User):
        self.session.add(user)
        await self.session.flush()
"""
    project = linked(m=PRELUDE + REPOSITORY + waiting)
    assert names_of(project, "m", "Users.f")["again"].name not in (kinds.SESSION, kinds.CONNECTION)


def test_what_is_known_is_not_asked_of_its_uses() -> None:
    source = """
        class Store:
            def add(self, user): ...
            def commit(self): ...

        def f():
            store = Store()
            store.add(User())
            store.commit()
    """
    assert kinds_in(source)["store"].name == kinds.INSTANCE


def test_tuples_by_their_annotations() -> None:
    source = """
        from sqlalchemy import Engine

        def made() -> tuple[Engine, Session]: ...

        def f():
            one, other = made()
            second = made()[1]
    """
    found = kinds_in(source)
    assert found["one"].name == kinds.ENGINE
    assert found["other"].name == found["second"].name == kinds.SESSION


def test_a_field_that_is_none_first() -> None:
    source = """
        from dataclasses import dataclass

        @dataclass
        class State:
            session: "Session | None" = None

        STATE = State()

        def f():
            again = STATE.session
    """
    assert kinds_in(source)["again"].name == kinds.SESSION


@pytest.mark.parametrize(
    "says", [":param x: The SQLAlchemy session to use.", "Args:\n        x: SQLAlchemy session."]
)
def test_docstrings_in_words(says: str) -> None:
    found = kinds_in(f'def f(x):\n    """Look.\n\n    {says}\n    """\n    again = x\n')
    assert found["again"].name == kinds.SESSION


@pytest.mark.parametrize(
    "says", ["SQLAlchemy session factory", "a session", "SQLAlchemy engine URL"]
)
def test_docstrings_that_speak_of_something_else(says: str) -> None:
    found = kinds_in(f'def f(x):\n    """Look.\n\n    :param x: {says}\n    """\n    again = x\n')
    assert found["again"] == UNKNOWN


def test_patterns_of_classes() -> None:
    source = """
        def f(x, y):
            match x:
                case Session() as session:
                    again = session
            if isinstance(y, (Session, scoped_session)):
                other = y
    """
    found = kinds_in(source)
    assert found["again"].name == found["other"].name == kinds.SESSION


def test_listeners_that_are_methods() -> None:
    source = """
        from sqlalchemy.event import listen

        class Changes:
            @classmethod
            def f(cls, mapper, connection, target):
                one, other = mapper, connection

        listen(User, "after_insert", Changes.f)
    """
    found = kinds_in(source, "Changes.f")
    assert found["one"].name == kinds.UNKNOWN
    assert found["other"].name == kinds.CONNECTION


def test_a_table_of_a_base_of_another_library() -> None:
    source = """
        import library

        class Note(library.Base):
            __tablename__ = "notes"
            id = Column(Integer, primary_key=True)

        def f():
            again = Note
    """
    assert kinds_in(source)["again"].name == kinds.MAPPED_CLASS
