"""Sanic: an engine in the context of the application, a session in that of the request."""

import os

from sanic import Request, Sanic, empty
from sanic_testing import TestManager
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

app = Sanic("notes")
Sanic.start_method = "fork"


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


@app.before_server_start
async def start(app: Sanic):
    app.ctx.engine = create_async_engine(os.environ["ASYNC_DATABASE_URL"])
    app.ctx.sessions = async_sessionmaker(app.ctx.engine)
    async with app.ctx.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)


@app.middleware("request")
async def lend(request: Request):
    request.ctx.session = AsyncSession(request.app.ctx.engine)


@app.middleware("response")
async def end(request: Request, response):
    await request.ctx.session.close()


@app.post("/kept")
async def kept(request: Request):
    request.ctx.session.add(Note(text="kept"))  # is: SESSION! managed
    await request.ctx.session.commit()
    return empty()


@app.post("/made")
async def made(request: Request):
    async with request.app.ctx.sessions() as session:
        session.add(Note(text="made"))  # is: SESSION! local
        await session.commit()
    return empty()


@app.post("/lost")
async def lost(request: Request):
    async with request.app.ctx.sessions() as session:
        session.add(Note(text="lost"))  # is: SESSION! local
    return empty()


@app.post("/connected")
async def connected(request: Request):
    async with request.app.ctx.engine.begin() as connection:  # is: ENGINE!
        adding = Note.__table__.insert()
        await connection.execute(adding.values(text="connected"))  # is: CONNECTION! managed
    return empty()


def main() -> None:
    client = TestManager(app).test_client
    for path in ("/kept", "/made", "/lost", "/connected"):
        request, answer = client.post(path)
        assert answer.status == 204
