"""FastAPI-SQLAlchemy: its middleware lends a session and rolls back, unless it is told to commit."""

import os

from fastapi import FastAPI
from fastapi.testclient import TestClient
from fastapi_sqlalchemy import DBSessionMiddleware, db
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

app = FastAPI()
app.add_middleware(DBSessionMiddleware, db_url=os.environ["DATABASE_URL"])


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


@app.post("/lost")
def lost() -> None:
    db.session.add(Note(text="unseen_lost"))  # is: SESSION managed


@app.post("/kept")
def kept() -> None:
    db.session.add(Note(text="kept"))  # is: SESSION managed
    db.session.commit()


def outside() -> None:
    with db():
        db.session.add(Note(text="outside"))  # is: SESSION managed
        db.session.commit()


def told() -> None:
    with db(commit_on_exit=True):
        db.session.add(Note(text="told"))  # is: SESSION managed


def main() -> None:
    Base.metadata.create_all(create_engine(os.environ["DATABASE_URL"]))
    with TestClient(app) as client:
        for path in ("/lost", "/kept"):
            assert client.post(path).status_code == 200
        outside()
        told()
