"""The tool that breaks correct functions, on a function of each kind."""

from __future__ import annotations

from mutation.measure import measure
from sqla_lint.catalog import load
from sqla_lint.lowering import lower_file
from sqla_lint.project.link import link

PROGRAM = b"""
from sqlalchemy import create_engine, insert, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

engine = create_engine("sqlite://")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


def names() -> list[str]:
    with Session(engine) as session:
        return list(session.scalars(select(User.name)))


def add(name: str) -> None:
    session = Session(engine)
    try:
        session.add(User(name=name))
        session.flush()
        session.commit()
    finally:
        session.close()


def save(session: Session, name: str) -> None:
    session.add(User(name=name))
    session.commit()


class Users:
    session = Session(engine)

    def add(self, name: str) -> None:
        try:
            self.session.add(User(name=name))
            self.session.commit()
        except Exception:
            self.session.rollback()
            raise
"""


def test_every_mutation_is_made_and_its_harm_is_found() -> None:
    lowered = lower_file("users.py", PROGRAM)
    assert lowered.module is not None
    project = link([lowered.module], load((2, 0)))
    found = {
        one.mutant.mutation: one
        for one in measure(project, {"users.py": PROGRAM}, (2, 0), limit=100)
    }
    assert found.keys() >= {"strip-with", "drop-commit", "drop-finally", "swallow"}
    missed = [one.mutant for one in found.values() if not one.pedantic]
    assert not missed
