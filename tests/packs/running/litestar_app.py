"""Litestar with advanced-alchemy: the plug-in lends a session, and commits where it is told to."""

import os

from advanced_alchemy.extensions.litestar import (
    SQLAlchemyAsyncConfig,
    SQLAlchemyPlugin,
    async_autocommit_before_send_handler,
)
from advanced_alchemy.repository import SQLAlchemyAsyncRepository
from litestar import Litestar, Request, post
from litestar.datastructures import State
from litestar.testing import TestClient
from sqlalchemy import create_engine, insert
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


class Notes(SQLAlchemyAsyncRepository[Note]):
    model_type = Note

    async def put(self, text: str) -> None:
        self.session.add(Note(text=text))  # is: SESSION! managed


@post("/by-the-plug-in")
async def by_the_plug_in(db_session: AsyncSession) -> None:
    db_session.add(Note(text="by_the_plug_in"))  # is: SESSION! caller


@post("/kept")
async def kept(db_session: AsyncSession) -> None:
    db_session.add(Note(text="kept"))  # is: SESSION! caller
    await db_session.commit()


@post("/repository")
async def repository(db_session: AsyncSession) -> None:
    await Notes(session=db_session).put("repository")


@post("/state")
async def state(state: State) -> None:
    async with state.engine.begin() as connection:  # is: ENGINE!
        await connection.execute(insert(Note).values(text="state"))  # is: CONNECTION! managed


@post("/request")
async def of_the_request(request: Request) -> None:
    async with request.app.state.engine.begin() as connection:  # is: ENGINE!
        await connection.execute(insert(Note).values(text="request"))  # is: CONNECTION! managed


def on_startup(app: Litestar) -> None:
    app.state.engine = create_async_engine(os.environ["ASYNC_DATABASE_URL"])


def main() -> None:
    Base.metadata.create_all(create_engine(os.environ["DATABASE_URL"]))
    config = SQLAlchemyAsyncConfig(
        connection_string=os.environ["ASYNC_DATABASE_URL"],
        before_send_handler=async_autocommit_before_send_handler,
    )
    app = Litestar(
        [by_the_plug_in, kept, repository, state, of_the_request],
        plugins=[SQLAlchemyPlugin(config=config)],
        on_startup=[on_startup],
    )
    with TestClient(app) as client:
        for path in ("/by-the-plug-in", "/kept", "/repository", "/state", "/request"):
            assert client.post(path).status_code == 201
