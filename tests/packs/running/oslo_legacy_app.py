"""oslo.db before enginefacade: sessions that commit by themselves and keep what they have loaded."""

import os

from oslo_db.sqlalchemy import enginefacade, session as db_session
from sqlalchemy import Column, Integer, String
from sqlalchemy.orm import declarative_base

facade = enginefacade.LegacyEngineFacade(os.environ["DATABASE_URL"], sqlite_fk=True)
Base = declarative_base()


class Note(Base):
    __tablename__ = "notes"

    id = Column(Integer, primary_key=True)
    text = Column(String)


def begun():
    session = facade.get_session()
    with session.begin():
        session.add(Note(text="begun"))  # is: SESSION local
    session.close()


def committed():
    session = facade.get_session(autocommit=False)
    session.add(Note(text="committed"))  # is: SESSION local
    session.commit()
    session.close()


def made():
    session = facade.get_sessionmaker()()
    with session.begin():
        session.add(Note(text="made"))  # is: SESSION local
    session.close()


def own():
    sessions = db_session.get_maker(db_session.create_engine(os.environ["DATABASE_URL"]))
    session = sessions(autocommit=False)
    session.add(Note(text="own"))  # is: SESSION local
    session.commit()
    session.close()


def engine():
    with facade.get_engine().begin() as connection:  # is: ENGINE
        connection.execute(Note.__table__.insert().values(text="connected"))  # is: CONNECTION managed


def main() -> None:
    Base.metadata.create_all(facade.get_engine())
    begun()
    committed()
    made()
    own()
    engine()
