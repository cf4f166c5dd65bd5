"""FastAPI and Starlette: dependencies of all sorts, a middleware, what a request and an app keep."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Request
from sqlalchemy import create_engine, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session, sessionmaker

engine = create_engine("sqlite://")
SessionLocal = sessionmaker(engine)
async_engine = create_async_engine("sqlite+aiosqlite://")
AsyncSessionLocal = async_sessionmaker(async_engine)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.engine = create_engine("sqlite://")
    app.state.sessions = sessionmaker(app.state.engine)
    yield
    app.state.engine.dispose()  # is: ENGINE


app = FastAPI(lifespan=lifespan)
router = APIRouter()


@app.middleware("http")
async def lend_session(request: Request, call_next):
    request.state.db = SessionLocal()
    try:
        return await call_next(request)
    finally:
        request.state.db.close()  # is: SESSION


def get_db() -> Iterator[Session]:
    with SessionLocal() as session:
        yield session


async def get_async_db():
    async with AsyncSessionLocal() as session:
        yield session


def from_request(request: Request) -> Session:
    return request.state.db


class Database:
    def __init__(self, factory: sessionmaker[Session]) -> None:
        self.factory = factory

    def session(self):
        with self.factory() as session:
            yield session

    def __call__(self):
        with self.factory() as session:
            yield session


class Service:
    def __init__(self, db: Annotated[Session, Depends(get_db)]) -> None:
        self.db = db

    def ping(self) -> None:
        self.db.execute(text("select 1"))  # is: SESSION managed


database = Database(SessionLocal)
DB = Annotated[AsyncSession, Depends(get_async_db)]


@router.get("/default")
def default(db=Depends(get_db)):
    db.execute(text("select 1"))  # is: SESSION managed


@router.get("/annotated")
async def annotated(db: DB):
    await db.execute(text("select 1"))  # is: SESSION! managed


@router.get("/method")
def method(db=Depends(database.session)):
    db.execute(text("select 1"))  # is: SESSION managed


@router.get("/object")
def instance(db=Depends(database)):
    db.execute(text("select 1"))  # is: SESSION managed


@router.get("/partial")
def made(db=Depends(partial(get_db))):
    db.execute(text("select 1"))  # is: SESSION managed


@router.get("/state")
def state(request: Request):
    request.state.db.execute(text("select 1"))  # is: SESSION managed
    with request.app.state.engine.begin() as connection:
        connection.execute(text("select 1"))  # is: CONNECTION managed
    with request.app.state.sessions() as session:
        session.execute(text("select 1"))  # is: SESSION local


@router.get("/through")
def through(db=Depends(from_request)):
    db.execute(text("select 1"))  # is: SESSION managed


@router.get("/service")
def service(service: Service = Depends()):
    service.ping()
    service.db.execute(text("select 1"))  # is: SESSION managed


@router.get("/other")
def other(request: Request, cache=Depends(partial(dict))):
    request.state.cache.get("x")  # is: nothing
    request.session.get("user")  # is: nothing
    cache.get("x")  # is: nothing
