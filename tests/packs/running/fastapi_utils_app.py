"""fastapi-utils and fastapi-restful: the session of a FastAPISessionMaker commits when it is left."""

import os

import fastapi_restful.session
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient
from fastapi_utils.session import FastAPISessionMaker, context_session
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

app = FastAPI()
engine = create_engine(os.environ["DATABASE_URL"])
sessions = FastAPISessionMaker(os.environ["DATABASE_URL"])
restful = fastapi_restful.session.FastAPISessionMaker(os.environ["DATABASE_URL"])


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


def get_db():
    yield from sessions.get_db()


@app.post("/by-the-dependency")
def by_the_dependency(session: Session = Depends(get_db)) -> None:
    session.add(Note(text="by_the_dependency"))  # is: SESSION


@app.post("/by-its-method")
def by_its_method(session: Session = Depends(sessions.get_db)) -> None:
    session.add(Note(text="by_its_method"))  # is: SESSION


def in_a_block() -> None:
    with sessions.context_session() as session:
        session.add(Note(text="in_a_block"))  # is: SESSION managed


def in_another() -> None:
    with restful.context_session() as session:
        session.add(Note(text="in_another"))  # is: SESSION managed


def of_an_engine() -> None:
    with context_session(engine) as session:
        session.add(Note(text="of_an_engine"))  # is: SESSION managed


def by_hand() -> None:
    with sessions.cached_engine.begin() as connection:  # is: ENGINE
        connection.execute(Note.__table__.insert().values(text="by_hand"))  # is: CONNECTION managed


def main() -> None:
    Base.metadata.create_all(engine)
    with TestClient(app) as client:
        for path in ("/by-the-dependency", "/by-its-method"):
            assert client.post(path).status_code == 200
    in_a_block()
    in_another()
    of_an_engine()
    by_hand()
