"""factory-boy: a factory adds what it makes to its session, and commits where it is told to."""

import os

import factory
from factory.alchemy import SQLAlchemyModelFactory
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, scoped_session, sessionmaker

engine = create_engine(os.environ["DATABASE_URL"])
Session = scoped_session(sessionmaker(engine))


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


class NoteFactory(SQLAlchemyModelFactory):
    class Meta:
        model = Note
        sqlalchemy_session = Session
        sqlalchemy_session_persistence = "commit"

    text = "made"

    @classmethod
    def put(cls, text):
        cls._meta.sqlalchemy_session.add(Note(text=text))  # is: SCOPED_SESSION managed
        cls._meta.sqlalchemy_session.commit()


def main() -> None:
    Base.metadata.create_all(engine)
    NoteFactory()
    NoteFactory.put("put")
    Session.remove()
    assert factory.__version__
