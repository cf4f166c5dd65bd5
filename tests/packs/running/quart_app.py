"""Quart: what is set on the application and on `g` is there in a request."""

import asyncio
import os

from quart import Quart, current_app, g
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

app = Quart(__name__)
sessions = async_sessionmaker(create_async_engine(os.environ["ASYNC_DATABASE_URL"]))


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


@app.before_serving
async def start():
    app.engine = create_async_engine(os.environ["ASYNC_DATABASE_URL"])
    async with app.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)


@app.before_request
async def lend():
    g.session = sessions()


@app.teardown_request
async def end(error):
    await g.session.close()


@app.post("/kept")
async def kept():
    g.session.add(Note(text="kept"))  # is: SESSION! managed
    await g.session.commit()
    return ""


@app.post("/connected")
async def connected():
    async with current_app.engine.begin() as connection:  # is: ENGINE!
        adding = Note.__table__.insert()
        await connection.execute(adding.values(text="connected"))  # is: CONNECTION! managed
    return ""


async def play() -> None:
    async with app.test_app():
        client = app.test_client()
        for path in ("/kept", "/connected"):
            answer = await client.post(path)
            assert answer.status_code == 200


def main() -> None:
    asyncio.run(play())
