"""Programs in which everything leads to everything: each part is looked at a few times, not once
for every way that leads there. Twice the size may cost a few times the calls."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from test_growth import HEAD, counted

MODELS = """
from sqlalchemy import ForeignKey, or_, select
from sqlalchemy.orm import relationship
class Team(Base):
    __tablename__ = 'teams'
    id = Column(Integer, primary_key=True)
    name = Column(Integer)
class User(Base):
    __tablename__ = 'users'
    id = Column(Integer, primary_key=True)
    name = Column(Integer)
    note = Column(Integer)
    team_id = Column(ForeignKey('teams.id'))
    team = relationship(Team)
"""
# A full graph of n functions has n² calls, and is read until it settles: up to nine times as much.
AT_MOST = 12


def readers(n: int) -> str:
    """Functions that call each other read the object that they hand on."""
    bodies = "".join(
        f"def r{i}(user, n):\n    if n == {i}:\n        return user.name\n"
        + "".join(f"    r{j}(user, n - {j})\n" for j in range(n) if j != i)
        for i in range(n)
    )
    return (
        f"{bodies}def work(session: Session):\n"
        "    for user in session.scalars(select(User)):\n        r0(user, 5)\n        user.team\n"
    )


def serializers(n: int) -> str:
    """Models that all have relationships to each other, and dictionaries of each other."""
    classes = ""
    for i in range(n):
        classes += f"class M{i}(Base):\n    __tablename__ = 'm{i}'\n    id = Column(Integer)\n"
        for j in range(n):
            if j < i:
                classes += f"    m{j}_id = Column(ForeignKey('m{j}.id'))\n"
            if j != i:
                classes += f"    m{j} = relationship('M{j}')\n"
        classes += "    def to_dict(self, depth=2):\n        found = {'id': self.id}\n"
        classes += "        if depth:\n"
        for j in range(n):
            if j != i:
                classes += f"            found['m{j}'] = self.m{j}.to_dict(depth - 1)\n"
        classes += "        return found\n"
    return (
        f"{classes}def work(session: Session):\n"
        "    return [one.to_dict() for one in session.scalars(select(M0))]\n"
    )


def layers(n: int) -> str:
    """Helpers of helpers of helpers, of which the last commits."""
    layer = "".join(f"    b(session, {i})\n" for i in range(n))
    return (
        "def c(session: Session, i):\n    session.add(User(name=i))\n    session.commit()\n"
        "def b(session: Session, i):\n"
        + layer.replace("b(", "c(")
        + f"def a(session: Session, i):\n{layer}"
        "def work(session: Session):\n    user = session.get(User, 1)\n"
        + layer.replace("b(", "a(")
        + "    return user.name\n"
    )


def undone(n: int) -> str:
    """Many helpers in one `try`, each of which may raise, and a rollback."""
    calls = "".join(f"        if i > {i}:\n            save(session, i)\n" for i in range(n))
    return (
        "class Refused(Exception): ...\n"
        "def save(session: Session, i):\n    session.add(User(name=i))\n    session.commit()\n"
        "    if i > 5:\n        print(i)\n"
        f"def work(session: Session, i):\n    try:\n{calls}"
        "    except Refused:\n        session.rollback()\n"
    )


def asked_in_loops(n: int) -> str:
    """A loop of helpers of helpers that ask for a row."""
    layer = "".join(f"    b(session, i + {i})\n" for i in range(n))
    return (
        "def c(session: Session, i):\n    return i\n"
        "def b(session: Session, i):\n"
        + layer.replace("b(", "c(")
        + f"def a(session: Session, i):\n{layer}"
        "def work(session: Session, numbers: list[int]):\n    for i in numbers:\n"
        + layer.replace("    b(", "        a(")
    )


@pytest.mark.slow
@pytest.mark.parametrize("program", [readers, serializers, layers, undone, asked_in_loops])
def test_each_part_is_looked_at_a_few_times(program: Callable[[int], str]) -> None:
    small, large = (counted(HEAD + MODELS + program(n)) for n in (6, 12))
    assert large < AT_MOST * small, (small, large)


def criteria(n: int) -> str:
    """A criterion of criteria, each five times."""
    chain = "".join(f"    c{i + 1} = or_({', '.join([f'c{i}'] * 5)})\n" for i in range(n))
    return (
        f"def work(session: Session):\n    c0 = User.name == 1\n{chain}"
        f"    sub = select(User.note).where(c{n})\n"
        "    return session.scalars(select(Team).where(Team.name.not_in(sub))).all()\n"
    )


def containers(n: int) -> str:
    """Two names of one list that are given to each other."""
    swaps = "".join(
        f"    if n > {i}:\n        panels = others\n    else:\n        others = panels\n"
        for i in range(n)
    )
    return (
        "import asyncio\nfrom sqlalchemy.ext.asyncio import AsyncSession\n"
        "class Panel:\n    def __init__(self, session: AsyncSession):\n"
        "        self.session = session\n"
        "    async def load(self):\n        return await self.session.execute(text('SELECT 1'))\n"
        "async def work(session: AsyncSession, n):\n"
        f"    panels = [Panel(session), Panel(session)]\n    others = panels\n{swaps}"
        "    await asyncio.gather(*[panel.load() for panel in panels])\n"
    )


@pytest.mark.slow
@pytest.mark.parametrize("program", [criteria, containers])
def test_one_part_in_many_places_is_looked_at_once(program: Callable[[int], str]) -> None:
    small, large = (counted(HEAD + MODELS + program(n)) for n in (5, 10))
    assert large < 3 * small, (small, large)


SWAPPED = {
    "units of work": (
        "class Unit:\n    def __enter__(self):\n        self.session = Session(engine)\n"
        "        return self\n    def __exit__(self, *exc):\n        self.session.close()\n"
        "def work(a: Unit, b: Unit):\n    t = a\n    a = b\n    b = t\n"
        "    with a as unit:\n        user = unit.session.get(User, 1)\n    return user.team\n"
    ),
    "lists": (
        "def work(session: Session, a: list[int], b: list[int]):\n    while a:\n        t = a\n"
        "        a = b\n        b = t\n        for x in a:\n"
        "            session.execute(select(User).where(User.id == x))\n"
    ),
}


@pytest.mark.parametrize("program", SWAPPED)
def test_names_may_be_swapped(program: str) -> None:
    assert counted(HEAD + MODELS + SWAPPED[program])
