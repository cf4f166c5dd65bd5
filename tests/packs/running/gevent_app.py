"""gevent, asgiref and Werkzeug: locals of greenlets and tasks that keep a session."""

import os

import asgiref.local
import gevent
import gevent.local
import werkzeug.local
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.pool import NullPool

engine = create_engine(os.environ["DATABASE_URL"], poolclass=NullPool)
greenlet = gevent.local.local()
task = asgiref.local.Local()
context = werkzeug.local.Local()


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


def begin():
    greenlet.session = Session(engine)
    task.session = Session(engine)
    context.session = Session(engine)


def end():
    greenlet.session.close()
    task.session.close()
    context.session.close()


def write():
    greenlet.session.add(Note(text="greenlet"))  # is: SESSION managed
    greenlet.session.commit()
    task.session.add(Note(text="task"))  # is: SESSION managed
    task.session.commit()
    context.session.add(Note(text="context"))  # is: SESSION managed
    context.session.commit()


def work():
    begin()
    write()
    end()


def main() -> None:
    Base.metadata.create_all(engine)
    gevent.spawn(work).get()
