"""python-telegram-bot: handlers that open a session; nothing ends it for them."""

import asyncio
import datetime
import os

from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from telegram import Chat, Message, MessageEntity, Update, User
from telegram.ext import Application, CommandHandler

engine = create_async_engine(os.environ["ASYNC_DATABASE_URL"])
sessions = async_sessionmaker(engine)


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


async def kept(update, context):
    async with sessions() as session:
        session.add(Note(text="kept"))  # is: SESSION! local
        await session.commit()


async def lost(update, context):
    async with sessions() as session:
        session.add(Note(text="lost"))  # is: SESSION! local


async def stored(update, context):
    async with context.bot_data["sessions"]() as session:
        session.add(Note(text="stored"))
        await session.commit()


def told(app: Application, command: str) -> Update:
    entity = MessageEntity(MessageEntity.BOT_COMMAND, 0, len(command) + 1)
    user, chat = User(1, "ann", is_bot=False), Chat(1, "private")
    message = Message(
        1, datetime.datetime.now(), chat, from_user=user, text=f"/{command}", entities=[entity]
    )
    message.set_bot(app.bot)
    return Update(1, message=message)


async def play() -> None:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    app = Application.builder().token("1:x").build()
    app.bot._bot_user = User(2, "notes", is_bot=True, username="notes")
    app._initialized = True
    app.bot_data["sessions"] = sessions
    for name, handler in {"kept": kept, "lost": lost, "stored": stored}.items():
        app.add_handler(CommandHandler(name, handler))
        await app.process_update(told(app, name))


def main() -> None:
    asyncio.run(play())
