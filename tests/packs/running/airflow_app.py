"""Airflow: its decorator and its context manager open, commit and close; the registry is its own."""

import os
import tempfile

os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp()
os.environ["AIRFLOW__CORE__LOAD_EXAMPLES"] = "False"
os.environ["AIRFLOW_CONN_NOTES"] = os.environ["DATABASE_URL"]
os.environ["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = os.environ["DATABASE_URL"]

from airflow.providers.sqlite.hooks.sqlite import SqliteHook
from airflow.settings import Session, engine
from airflow.utils.session import NEW_SESSION, create_session, provide_session
from sqlalchemy import Column, Integer, String, insert
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class Note(Base):
    __tablename__ = "notes"

    id = Column(Integer, primary_key=True)
    text = Column(String)


@provide_session
def old_style(session=None):
    session.add(Note(text="old_style"))  # is: SESSION managed


@provide_session
def new_style(*, session=NEW_SESSION):
    session.execute(insert(Note).values(text="new_style"))  # is: SESSION managed


def by_hand():
    with create_session() as session:
        session.add(Note(text="by_hand"))  # is: SESSION managed


def handed_on():
    with create_session() as session:
        old_style(session=session)


@provide_session
def read(session=None):
    first = session.query(Note).filter_by(text="old_style").first()  # is: SESSION managed
    session.commit()
    session.expunge_all()
    return first.text, session.query(Note).count()


def registry():
    Session.add(Note(text="registry"))  # is: SCOPED_SESSION registry
    Session.commit()


def hooked():
    hook = SqliteHook(sqlite_conn_id="notes")
    with hook.get_sqlalchemy_engine().begin() as connection:  # is: ENGINE
        connection.execute(insert(Note).values(text="hooked"))  # is: CONNECTION managed


def main() -> None:
    with engine.connect() as connection:  # is: ENGINE
        Base.metadata.create_all(connection)
    old_style()
    new_style()
    by_hand()
    handed_on()
    registry()
    Session.remove()
    hooked()
    # what has been loaded is there after the commit: Airflow's sessions do not expire it
    assert read() == ("old_style", 6)
