"""Home Assistant: the scope of a session of the recorder, which commits and closes."""

import os

from homeassistant.components.recorder.util import session_scope
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, sessionmaker

engine = create_engine(os.environ["DATABASE_URL"])
sessions = sessionmaker(engine)


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


def kept() -> None:
    with session_scope(session=sessions()) as session:
        session.add(Note(text="kept"))  # is: SESSION managed


def read() -> int:
    with session_scope(session=sessions(), read_only=True) as session:
        return session.query(Note).count()  # is: SESSION managed


def main() -> None:
    Base.metadata.create_all(engine)
    kept()
    assert read() == 1
