"""Work grows with the size of a program, not with its square: calls are counted, not seconds."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

import sqla_lint.rules  # noqa: F401
from sqla_lint.catalog import load
from sqla_lint.lint import lint
from sqla_lint.project.link import link
from sqla_lint.rule import rules
from sqla_lint.syntax.deep import deeply
from sqla_lint.syntax.lower import lower_tree
from sqla_lint.syntax.parse import parse

HEAD = """
from sqlalchemy import Column, Integer, create_engine, text
from sqlalchemy.orm import Session, declarative_base
engine = create_engine("sqlite://")
Base = declarative_base()
"""

# Four times the size may cost so many times the calls: linear work is 4, quadratic 16.
AT_MOST = 7
# Three times the flags, each looked for in all of the function once: the square.
FLAGS_AT_MOST = 9
# Linking: four times the modules, each with its own models and functions.
LINKING_AT_MOST = 5


def long_function(n: int) -> str:
    lines = "".join(f"    session.execute(text('SELECT {i}'))\n" for i in range(n))
    return f"def work(session: Session):\n{lines}"


def branches(n: int) -> str:
    lines = "".join(f"    if a == {i}:\n        x = conn.execute(s)\n" for i in range(n))
    return f"def work(a, s):\n    conn = engine.connect()\n{lines}    conn.close()\n"


def literal(n: int) -> str:
    return "NUMBERS = [" + ", ".join(str(i) for i in range(n * 10)) + "]\n"


def models(n: int) -> str:
    return "".join(
        f"class M{i}(Base):\n    __tablename__ = 'm{i}'\n    id = Column(Integer)\n"
        for i in range(n)
    )


def calls(n: int) -> str:
    lines = "".join(
        f"def f{i}(session: Session):\n    return f{i + 1}(session)\n" for i in range(n)
    )
    return f"{lines}def f{n}(session: Session):\n    session.commit()\n"


def registry(n: int) -> str:
    lines = "".join(
        f"def f{i}():\n    db.execute(text('DELETE FROM a'))\n    db.commit()\n" for i in range(n)
    )
    return (
        "from sqlalchemy.orm import scoped_session, sessionmaker\n"
        f"db = scoped_session(sessionmaker(engine))\n{lines}"
    )


def dependencies(n: int) -> str:
    lines = "".join(
        f"def get_{i}():\n    session = Session(engine)\n    yield session\n    session.close()\n"
        f"@app.get('/{i}')\ndef route_{i}(session: Session = Depends(get_{i})):\n"
        "    session.execute(text('SELECT 1'))\n"
        for i in range(n)
    )
    return f"from fastapi import Depends, FastAPI\napp = FastAPI()\n{lines}"


def attributes(n: int) -> str:
    lines = "".join(
        "    for order in session.query(Order):\n        print(order.name, order.number)\n"
        for _ in range(n // 4)
    )
    return (
        "class Order(Base):\n    __tablename__ = 'orders'\n    id = Column(Integer)\n"
        "    name = Column(Integer)\n    number = Column(Integer)\ndef work():\n"
        f"  with Session(engine) as session:\n{lines}"
    )


def criteria(n: int) -> str:
    terms = ", ".join(f"Order.number == {i}" for i in range(n))
    filters = "".join(
        f"    if a == {i}:\n        s = s.where(Line.name == '{i}')\n" for i in range(n)
    )
    return (
        "from sqlalchemy import ForeignKey, or_, select\n"
        "from sqlalchemy.orm import contains_eager, relationship\n"
        "class Order(Base):\n    __tablename__ = 'orders'\n"
        "    id = Column(Integer, primary_key=True)\n    number = Column(Integer)\n"
        "    lines = relationship('Line')\n"
        "class Line(Base):\n    __tablename__ = 'lines'\n"
        "    id = Column(Integer, primary_key=True)\n    name = Column(Integer)\n"
        "    order_id = Column(ForeignKey('orders.id'))\n"
        "def work(session: Session, a):\n"
        "    s = select(Order).outerjoin(Order.lines).options(contains_eager(Order.lines))\n"
        f"    s = s.where(or_({terms}))\n{filters}"
        "    return session.scalars(s.limit(20)).unique().all()\n"
    )


def flags(n: int) -> str:
    """Variables that are set where others are: each may tell whether the name was looked for."""
    unset = "".join(f"    f{i} = False\n" for i in range(n))
    lines = "".join(
        f"    if f{(i + j) % n}:\n        f{i} = True\n" for i in range(n) for j in (1, 2, 3)
    )
    return (
        f"def work(session: Session, name):\n{unset}{lines}"
        "    if f0:\n        session.execute(text('DROP TABLE ' + name))\n"
    )


def counted(source: str) -> int:
    """Calls made from the tree of a module to its findings."""
    number = 0

    def count(frame: object, event: str, arg: object) -> None:
        nonlocal number
        number += event == "call"

    def work() -> None:
        tree = parse(source.encode(), "m.py")
        sys.setprofile(count)
        try:
            project = link([lower_tree(tree, "m.py", "m")], load((2, 0)))
            _, troubles = lint(project, rules(), {"m.py"}, (2, 0), lambda *_: True)
            assert not troubles, troubles
        finally:
            sys.setprofile(None)

    deeply(work)
    return number


@pytest.mark.slow
@pytest.mark.parametrize(
    "program",
    [
        long_function,
        branches,
        literal,
        models,
        calls,
        registry,
        dependencies,
        attributes,
        criteria,
    ],
)
def test_work_is_not_quadratic(program: Callable[[int], str]) -> None:
    small, large = counted(HEAD + program(100)), counted(HEAD + program(400))
    assert large < AT_MOST * small, (small, large)


def test_flags_of_flags_are_not_followed_in_every_order() -> None:
    small, large = counted(HEAD + flags(4)), counted(HEAD + flags(12))
    assert large < FLAGS_AT_MOST * small, (small, large)


DB = """
from sqlalchemy import Column, Integer, create_engine, select
from sqlalchemy.orm import Session, declarative_base, sessionmaker
Base = declarative_base()
engine = None
made = {}
def start(url):
    global engine
    engine = create_engine(url)
def opened(key):
    if key not in made:
        made[key] = sessionmaker(engine)
    return made[key]()
"""


def part(number: int, of: int) -> str:
    """A module of a project: it has a model and a service of its own, and uses those of others."""
    return f"""
from db import Base, Column, Integer, Session, opened, select
from part{(number + 1) % of} import Service{(number + 1) % of}
class Model{number}(Base):
    __tablename__ = "m{number}"
    id = Column(Integer, primary_key=True)
class Service{number}:
    def __init__(self, session):
        self.session = session
        self.next = Service{(number + 1) % of}(session)
    def all(self):
        return self.session.scalars(select(Model{number})).all()
    def each(self, work):
        for one in self.all():
            work(self.session, one)
def visit{number}(session, one):
    session.delete(one)
def run{number}():
    with opened("x") as session:
        Service{number}(session).each(visit{number})
        session.commit()
"""


def linked(parts: int) -> int:
    """Calls made from lowered modules to what is known of their project."""
    sources = {"db": DB} | {f"part{i}": part(i, parts) for i in range(parts)}
    modules = [lower_tree(parse(s.encode(), f"{n}.py"), f"{n}.py", n) for n, s in sources.items()]
    number = 0

    def count(frame: object, event: str, arg: object) -> None:
        nonlocal number
        number += event == "call"

    sys.setprofile(count)
    try:
        link(modules, load((2, 0)))
    finally:
        sys.setprofile(None)
    return number


@pytest.mark.slow
def test_linking_grows_with_the_number_of_modules() -> None:
    small, large = linked(25), linked(100)
    assert large < LINKING_AT_MOST * small, (small, large)
