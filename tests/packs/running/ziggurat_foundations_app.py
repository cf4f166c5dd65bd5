"""ziggurat-foundations: `get_db_session()` gives the session it is handed, or of an object."""

import os

import ziggurat_foundations.models
from sqlalchemy import Column, Integer, String, create_engine
from sqlalchemy.orm import declarative_base, scoped_session, sessionmaker
from ziggurat_foundations.models.base import BaseModel, get_db_session

engine = create_engine(os.environ["DATABASE_URL"])
DBSession = scoped_session(sessionmaker(engine))
ziggurat_foundations.models.DBSession = DBSession
Base = declarative_base(cls=BaseModel)


class Note(Base):
    __tablename__ = "notes"

    id = Column(Integer, primary_key=True)
    text = Column(String)


def of_the_program():
    db_session = get_db_session(DBSession())
    db_session.add(Note(text="of_the_program"))  # is: SESSION registry
    db_session.commit()
    DBSession.remove()


def of_an_object():
    note = Note(text="of_an_object")
    note.persist(flush=True)
    get_db_session(None, note).commit()  # is: SESSION
    DBSession.remove()


def main() -> None:
    Base.metadata.create_all(engine)
    of_the_program()
    of_an_object()
