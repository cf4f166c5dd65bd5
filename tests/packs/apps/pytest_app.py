"""pytest: fixtures that lend sessions, in the module and in classes."""

from __future__ import annotations

import pytest
import pytest_asyncio
from sqlalchemy import create_engine, text
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import sessionmaker


@pytest.fixture(scope="session")
def engine():
    return create_engine("sqlite://")


@pytest.fixture
def session(engine):
    connection = engine.connect()
    transaction = connection.begin()
    session = sessionmaker()(bind=connection)
    yield session
    session.close()
    transaction.rollback()
    connection.close()


@pytest_asyncio.fixture
async def async_session():
    async with async_sessionmaker(create_async_engine("sqlite+aiosqlite://"))() as session:
        yield session


@pytest.fixture
def client():
    return object()


def test_engine(engine):
    with engine.connect() as connection:
        connection.execute(text("select 1"))  # is: CONNECTION local


class TestUsers:
    def test_users(self, session, client):
        session.execute(text("select 1"))  # is: SESSION managed
        client.get("/")  # is: nothing

    async def test_async(self, async_session):
        await async_session.execute(text("select 1"))  # is: SESSION! managed


def helper(session):
    session.execute("x")  # is: nothing
