"""aiohttp: an engine in the application, made and disposed of in its cleanup context."""

import asyncio
import os

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

routes = web.RouteTableDef()


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


async def database(app: web.Application):
    app["engine"] = create_async_engine(os.environ["ASYNC_DATABASE_URL"])
    app["sessions"] = async_sessionmaker(app["engine"])
    async with app["engine"].begin() as connection:  # is: ENGINE!
        await connection.run_sync(Base.metadata.create_all)  # is: CONNECTION! managed
    yield
    await app["engine"].dispose()  # is: ENGINE!


@routes.post("/lost")
async def lost(request):
    async with request.app["sessions"]() as session:
        session.add(Note(text="lost"))  # is: SESSION! local
    return web.Response()


@routes.post("/kept")
async def kept(request):
    async with request.app["sessions"]() as session:
        session.add(Note(text="kept"))  # is: SESSION! local
        await session.commit()
    return web.Response()


@routes.post("/begun")
async def begun(request):
    async with AsyncSession(request.app["engine"]) as session, session.begin():
        session.add(Note(text="begun"))  # is: SESSION! local
    return web.Response()


async def play() -> None:
    app = web.Application()
    app.add_routes(routes)
    app.cleanup_ctx.append(database)
    async with TestClient(TestServer(app)) as client:
        for path in ("/lost", "/kept", "/begun"):
            answer = await client.post(path)
            assert answer.status == 200


def main() -> None:
    asyncio.run(play())
