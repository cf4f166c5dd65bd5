"""Plain Python: what a thread or a context keeps for itself, and a registry of each."""

import os
import threading
from contextvars import ContextVar

from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

engine = create_engine(os.environ["DATABASE_URL"])
local = threading.local()
current: ContextVar[Session] = ContextVar("current")


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


def open_of_the_thread():
    local.session = Session(engine)


def of_the_thread():
    local.session.add(Note(text="of_the_thread"))  # is: SESSION managed
    local.session.commit()


def close_of_the_thread():
    local.session.close()


def of_the_context():
    current.get().add(Note(text="of_the_context"))  # is: SESSION attribute
    current.get().commit()


def main() -> None:
    Base.metadata.create_all(engine)
    open_of_the_thread()
    of_the_thread()
    close_of_the_thread()
    with Session(engine) as session:
        token = current.set(session)
        of_the_context()
        current.reset(token)
