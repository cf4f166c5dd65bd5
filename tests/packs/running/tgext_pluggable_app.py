"""tgext.pluggable: the session of the application that a plug-in is in, as its model has it."""

import os
from types import SimpleNamespace

import transaction
import zope.sqlalchemy
from sqlalchemy import Column, Integer, String, create_engine
from sqlalchemy.orm import declarative_base, scoped_session, sessionmaker
from tgext.pluggable import app_model

engine = create_engine(os.environ["DATABASE_URL"])
registry = scoped_session(sessionmaker(engine))
zope.sqlalchemy.register(registry)
Base = declarative_base()


class Note(Base):
    __tablename__ = "notes"

    id = Column(Integer, primary_key=True)
    text = Column(String)


def kept():
    app_model.DBSession.add(Note(text="kept"))  # is: SCOPED_SESSION registry
    transaction.commit()


def main() -> None:
    Base.metadata.create_all(engine)
    app_model.configure(SimpleNamespace(DBSession=registry))
    kept()
