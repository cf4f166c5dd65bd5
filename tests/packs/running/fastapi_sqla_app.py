"""fastapi-sqla: its sessions commit when the request or the block ends."""

import os
from contextlib import asynccontextmanager
from typing import Annotated

os.environ["sqlalchemy_url"] = os.environ["DATABASE_URL"]
os.environ["fastapi_sqla__later__sqlalchemy_url"] = os.environ["ASYNC_DATABASE_URL"]

import fastapi_sqla
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient
from fastapi_sqla import Base, Session, open_session
from fastapi_sqla.async_sqla import AsyncSessionDependency
from fastapi_sqla.async_sqla import open_session as open_async_session
from sqlalchemy import create_engine, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

with create_engine(os.environ["DATABASE_URL"]).begin() as connection:
    connection.execute(text("CREATE TABLE notes (id INTEGER PRIMARY KEY, text VARCHAR)"))


@asynccontextmanager
async def lifespan(app: FastAPI):
    await fastapi_sqla.startup()
    yield


app = FastAPI(lifespan=lifespan)
fastapi_sqla.setup_middlewares(app)
Later = Annotated[AsyncSession, Depends(AsyncSessionDependency("later"))]


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


@app.post("/by-the-middleware")
def by_the_middleware(session: Session) -> None:
    session.add(Note(text="by_the_middleware"))  # is: SESSION managed


@app.post("/later")
async def later(session: Later) -> None:
    session.add(Note(text="later"))  # is: SESSION!


@app.post("/blocks")
def blocks() -> None:
    with open_session() as session:
        session.add(Note(text="block"))  # is: SESSION managed


@app.post("/async-blocks")
async def async_blocks() -> None:
    async with open_async_session("later") as session:
        session.add(Note(text="async_block"))  # is: SESSION! managed


def main() -> None:
    with TestClient(app) as client:
        for path in ("/by-the-middleware", "/later", "/blocks", "/async-blocks"):
            assert client.post(path).status_code == 200
