"""pytest: fixtures that make a session, and one that takes another."""

import os

import pytest
from sqlalchemy import Column, Integer, String, create_engine
from sqlalchemy.orm import declarative_base, sessionmaker

Base = declarative_base()


class Note(Base):
    __tablename__ = "notes"

    id = Column(Integer, primary_key=True)
    text = Column(String)


@pytest.fixture(scope="module")
def engine():
    engine = create_engine(os.environ["DATABASE_URL"])
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def sessions(engine):
    return sessionmaker(bind=engine)


@pytest.fixture
def session(sessions):
    session = sessions()
    yield session
    session.close()


def test_kept(session):
    session.add(Note(text="kept"))  # is: SESSION managed
    session.commit()


def test_connection(engine):
    with engine.begin() as connection:  # is: ENGINE
        adding = Note.__table__.insert()
        connection.execute(adding.values(text="connected"))  # is: CONNECTION managed


class TestNotes:
    def test_factory(self, sessions):
        with sessions() as made:
            made.add(Note(text="factory"))  # is: SESSION local
            made.commit()


def main() -> None:
    assert pytest.main(["-q", "-p", "no:cacheprovider", __file__], plugins=[]) == 0
