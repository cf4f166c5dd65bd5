"""SQLModel, and repositories of advanced-alchemy in Litestar."""

from __future__ import annotations

from typing import Annotated

from advanced_alchemy.repository import SQLAlchemyAsyncRepository
from fastapi import Depends
from litestar import Litestar, get
from litestar.datastructures import State
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlmodel import Field, Session, SQLModel, create_engine, select

engine = create_engine("sqlite://")


class Hero(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str


def get_session():
    with Session(engine) as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]


def heroes(session: SessionDep):
    return session.exec(select(Hero)).all()  # is: SESSION managed


class HeroRepository(SQLAlchemyAsyncRepository[Hero]):
    model_type = Hero

    async def purge(self):
        await self.session.execute(text("delete from hero"))  # is: SESSION! managed


@get("/")
async def listed(db_session: AsyncSession, state: State) -> None:
    await db_session.execute(text("select 1"))  # is: SESSION! caller
    async with state.engine.begin() as connection:
        await connection.execute(text("select 1"))  # is: CONNECTION! managed


def on_startup(app: Litestar) -> None:
    app.state.engine = create_async_engine("sqlite+aiosqlite://")
