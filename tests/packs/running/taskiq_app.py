"""Taskiq: generators give its tasks their parameters, and go on when the task is done."""

import asyncio
import os
from typing import Annotated

from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from taskiq import InMemoryBroker, TaskiqDepends

broker = InMemoryBroker()
sessions = async_sessionmaker(create_async_engine(os.environ["ASYNC_DATABASE_URL"]))


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


async def get_session():
    async with sessions() as session:
        yield session


async def get_committing_session():
    async with sessions() as session:
        yield session
        await session.commit()


@broker.task
async def lost(session: Annotated[AsyncSession, TaskiqDepends(get_session)]) -> None:
    session.add(Note(text="unseen_lost"))  # is: SESSION! managed


@broker.task
async def kept(session: AsyncSession = TaskiqDepends(get_session)) -> None:
    session.add(Note(text="kept"))  # is: SESSION! managed
    await session.commit()


@broker.task
async def committed(session: AsyncSession = TaskiqDepends(get_committing_session)) -> None:
    session.add(Note(text="committed"))  # is: SESSION! managed


async def play() -> None:
    for task in (lost, kept, committed):
        kicked = await task.kiq()
        result = await kicked.wait_result()
        assert not result.is_err, result.error
    await broker.shutdown()


def main() -> None:
    Base.metadata.create_all(create_engine(os.environ["DATABASE_URL"]))
    asyncio.run(play())
