"""z3c.saconfig: a registry of what utilities make, joined to the transaction of the thread."""

import os

import transaction
from sqlalchemy import Column, Integer, String
from sqlalchemy.orm import declarative_base
from z3c.saconfig import EngineFactory, GloballyScopedSession, Session
from z3c.saconfig.interfaces import IEngineFactory, IScopedSession
from zope import component

Base = declarative_base()


class Note(Base):
    __tablename__ = "notes"

    id = Column(Integer, primary_key=True)
    text = Column(String)


def kept():
    with transaction.manager:
        Session.add(Note(text="kept"))  # is: SCOPED_SESSION registry


def called():
    with transaction.manager:
        session = Session()
        session.add(Note(text="called"))  # is: SESSION registry


def main() -> None:
    engines = EngineFactory(os.environ["DATABASE_URL"])
    component.provideUtility(engines, IEngineFactory)
    component.provideUtility(GloballyScopedSession(), IScopedSession)
    Base.metadata.create_all(engines())
    kept()
    called()
