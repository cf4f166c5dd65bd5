"""FastAPI: dependencies that commit and that do not, and a middleware that lends a session."""

import os
from typing import Annotated

from fastapi import Depends, FastAPI, Request
from fastapi.testclient import TestClient
from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

engine = create_engine(os.environ["DATABASE_URL"])
SessionLocal = sessionmaker(engine)
async_engine = create_async_engine(os.environ["ASYNC_DATABASE_URL"])
AsyncSessionLocal = async_sessionmaker(async_engine, expire_on_commit=False)
app = FastAPI()


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


def get_session():
    with SessionLocal() as session:
        yield session


def get_committing_session():
    with SessionLocal() as session:
        yield session
        session.commit()


async def get_async_session():
    async with AsyncSessionLocal() as session:
        yield session


SessionDep = Annotated[Session, Depends(get_session)]
AsyncSessionDep = Annotated[AsyncSession, Depends(get_async_session)]


@app.middleware("http")
async def lend(request: Request, call_next):
    request.state.db = SessionLocal()
    try:
        return await call_next(request)
    finally:
        request.state.db.close()


@app.post("/lost")
def lost(session: SessionDep) -> None:
    session.add(Note(text="lost"))  # is: SESSION managed


@app.post("/kept")
def kept(session: SessionDep) -> None:
    session.add(Note(text="kept"))  # is: SESSION managed
    session.commit()


@app.post("/by-the-dependency")
def by_the_dependency(session=Depends(get_committing_session)) -> None:
    session.add(Note(text="by_the_dependency"))  # is: SESSION managed


@app.post("/async-lost")
async def async_lost(session: AsyncSessionDep) -> None:
    session.add(Note(text="async_lost"))  # is: SESSION! managed


@app.post("/async-kept")
async def async_kept(session: AsyncSessionDep) -> None:
    session.add(Note(text="async_kept"))  # is: SESSION! managed
    await session.commit()


@app.post("/state")
def state(request: Request) -> None:
    request.state.db.add(Note(text="state"))  # is: SESSION managed
    request.state.db.commit()


def main() -> None:
    Base.metadata.create_all(engine)
    with TestClient(app) as client:
        for route in app.routes:
            if "POST" in (getattr(route, "methods", None) or ()):
                assert client.post(route.path).status_code == 200
