"""aiohttp: an engine that the application keeps by key, and sessions made from it."""

from __future__ import annotations

from aiohttp import ClientSession, web
from sqlalchemy import text
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine


async def database(app: web.Application):
    app["engine"] = create_async_engine("sqlite+aiosqlite://")
    app["sessions"] = async_sessionmaker(app["engine"])
    app["http"] = ClientSession()
    yield
    await app["engine"].dispose()


async def handle(request: web.Request) -> web.Response:
    engine = request.app["engine"]
    async with engine.connect() as connection:
        await connection.execute(text("select 1"))  # is: CONNECTION! local
    async with request.app["sessions"]() as session:
        await session.execute(text("select 1"))  # is: SESSION! local
    await request.app["http"].get("https://example.org")
    return web.Response()


def make() -> web.Application:
    app = web.Application()
    app.cleanup_ctx.append(database)
    return app
