"""nonebot-plugin-orm: a session that its user closes, and a registry removed after each event."""

import asyncio
import os
import tempfile

os.environ["SQLALCHEMY_DATABASE_URL"] = os.environ["ASYNC_DATABASE_URL"]
os.environ["ALEMBIC_STARTUP_CHECK"] = "false"
os.environ["XDG_DATA_HOME"] = tempfile.mkdtemp()

import nonebot
from nonebot.dependencies import Dependent
from nonebot.matcher import Matcher
from sqlalchemy import create_engine
from sqlalchemy.orm import Mapped, mapped_column

nonebot.init(driver="~none", sqlalchemy_database_url=os.environ["ASYNC_DATABASE_URL"])
nonebot.require("nonebot_plugin_orm")

from nonebot_plugin_orm import Model, async_scoped_session, get_scoped_session, get_session


class Note(Model):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


async def lost():
    async with get_session() as session:
        session.add(Note(text="lost"))  # is: SESSION! local


async def kept():
    async with get_session() as session:
        session.add(Note(text="kept"))  # is: SESSION! local
        await session.commit()


async def handled(session: async_scoped_session):
    session.add(Note(text="handled"))  # is: SCOPED_SESSION! registry
    await session.commit()


async def play() -> None:
    await lost()
    await kept()
    types = Matcher.HANDLER_PARAM_TYPES
    dependent = Dependent.parse(call=handled, allow_types=types)
    await dependent(matcher=Matcher(), bot=None, event=None, state={}, stack=None, dependency_cache={})
    await get_scoped_session().remove()


def main() -> None:
    Note.__table__.create(create_engine(os.environ["DATABASE_URL"]))
    asyncio.run(play())
