"""Starlette: a lifespan sets the engine, a middleware lends a session, endpoints use it."""

import os
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.middleware import Middleware
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


@asynccontextmanager
async def lifespan(app: Starlette):
    app.state.engine = create_async_engine(os.environ["ASYNC_DATABASE_URL"])
    async with app.state.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield
    await app.state.engine.dispose()  # is: ENGINE!


class Lending(BaseHTTPMiddleware):
    async def dispatch(self, request, call_next):
        request.state.session = AsyncSession(request.app.state.engine)
        try:
            return await call_next(request)
        finally:
            await request.state.session.close()


async def kept(request: Request):
    request.state.session.add(Note(text="kept"))  # is: SESSION! managed
    await request.state.session.commit()
    return Response()


class Notes(HTTPEndpoint):
    async def post(self, request):
        request.state.session.add(Note(text="endpoint"))  # is: SESSION! managed
        await request.state.session.commit()
        return Response()

    async def put(self, request):
        async with request.app.state.engine.begin() as connection:  # is: ENGINE!
            adding = Note.__table__.insert()
            await connection.execute(adding.values(text="connected"))  # is: CONNECTION! managed
        return Response()


routes = [Route("/kept", kept, methods=["POST"]), Route("/notes", Notes)]
app = Starlette(routes=routes, middleware=[Middleware(Lending)], lifespan=lifespan)


def main() -> None:
    with TestClient(app) as client:
        assert client.post("/kept").status_code == 200
        assert client.post("/notes").status_code == 200
        assert client.put("/notes").status_code == 200
