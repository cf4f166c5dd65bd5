"""fastapi-async-sqlalchemy: its middleware lends a session that keeps what it has loaded."""

import asyncio
import os

from fastapi import FastAPI
from fastapi.testclient import TestClient
from fastapi_async_sqlalchemy import SQLAlchemyMiddleware, db
from sqlalchemy import create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

app = FastAPI()
app.add_middleware(SQLAlchemyMiddleware, db_url=os.environ["ASYNC_DATABASE_URL"])


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


@app.post("/lost")
async def lost() -> None:
    db.session.add(Note(text="unseen_lost"))  # is: SESSION! managed


@app.post("/kept")
async def kept() -> str:
    note = Note(text="kept")
    db.session.add(note)  # is: SESSION! managed
    await db.session.commit()
    return note.text  # which would be loaded again, were it expired


async def outside() -> None:
    async with db():
        db.session.add(Note(text="outside"))  # is: SESSION! managed
        await db.session.commit()


async def told() -> None:
    async with db(commit_on_exit=True):
        db.session.add(Note(text="told"))  # is: SESSION! managed


async def read() -> list[str]:
    async with db():
        return list(await db.session.scalars(select(Note.text)))  # is: SESSION! managed


def main() -> None:
    Base.metadata.create_all(create_engine(os.environ["DATABASE_URL"]))
    with TestClient(app) as client:
        assert client.post("/lost").status_code == 200
        assert client.post("/kept").json() == "kept"
    asyncio.run(outside())
    asyncio.run(told())
    assert len(asyncio.run(read())) == 3
