"""FastAPI Users: its database of users works on the session that the request has."""

import asyncio
import os

from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient
from fastapi_users.db import SQLAlchemyBaseUserTableUUID, SQLAlchemyUserDatabase
from fastapi_users_db_sqlalchemy import SQLAlchemyUserDatabase as Database
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

engine = create_async_engine(os.environ["ASYNC_DATABASE_URL"])
sessions = async_sessionmaker(engine)
app = FastAPI()


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


class User(SQLAlchemyBaseUserTableUUID, Base):
    pass


class Users(SQLAlchemyUserDatabase):
    async def note(self) -> None:
        self.session.add(Note(text="noted"))  # is: SESSION! managed
        await self.session.commit()


class Others(Database):
    async def note(self) -> None:
        self.session.add(Note(text="noted_again"))  # is: SESSION! managed
        await self.session.commit()


async def get_session():
    async with sessions() as session:
        yield session


async def get_users(session: AsyncSession = Depends(get_session)):
    yield Users(session, User)


@app.post("/users")
async def create(users: Users = Depends(get_users)) -> str:
    await users.note()
    await Others(users.session, User).note()
    user = await users.create({"email": "ann@example.org", "hashed_password": "x"})
    return user.email


async def create_tables() -> None:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)


def main() -> None:
    asyncio.run(create_tables())
    with TestClient(app) as client:
        assert client.post("/users").json() == "ann@example.org"
