"""Advanced Alchemy: sessions and engines of its configurations, and Litestar's state."""

import asyncio
import os

from advanced_alchemy.config import SQLAlchemyAsyncConfig, SQLAlchemySyncConfig
from advanced_alchemy.repository import SQLAlchemySyncRepository
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

config = SQLAlchemySyncConfig(connection_string=os.environ["DATABASE_URL"])
later = SQLAlchemyAsyncConfig(connection_string=os.environ["ASYNC_DATABASE_URL"])


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


class Notes(SQLAlchemySyncRepository[Note]):
    model_type = Note

    def put(self, text: str) -> None:
        self.session.add(Note(text=text))  # is: SESSION managed
        self.session.commit()


def kept():
    with config.get_session() as session:
        session.add(Note(text="kept"))  # is: SESSION managed
        session.commit()


def lost():
    with config.get_session() as session:
        session.add(Note(text="unseen_lost"))  # is: SESSION managed


def made():
    sessions = config.create_session_maker()
    with sessions() as session:
        session.add(Note(text="made"))  # is: SESSION local
        session.commit()


def connected():
    with config.get_engine().begin() as connection:  # is: ENGINE
        connection.execute(Note.__table__.insert().values(text="connected"))  # is: CONNECTION managed


async def kept_later():
    async with later.get_session() as session:
        session.add(Note(text="kept_later"))  # is: SESSION! managed
        await session.commit()


async def made_later():
    sessions = later.create_session_maker()
    async with sessions() as session:
        session.add(Note(text="made_later"))  # is: SESSION! local
        await session.commit()


def main() -> None:
    Base.metadata.create_all(config.get_engine())
    kept()
    lost()
    made()
    connected()
    with Session(config.get_engine()) as session:
        Notes(session=session).put("repository")
    asyncio.run(kept_later())
    asyncio.run(made_later())
