"""neutron-lib: its readers and writers, its context, and sessions that are asked for by name."""

import os

import osprofiler.sqlalchemy
import sqlalchemy
from neutron_lib import context as n_context
from neutron_lib.db import api as db_api
from oslo_config import cfg
from sqlalchemy import Column, Integer, String
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class Note(Base):
    __tablename__ = "notes"

    id = Column(Integer, primary_key=True)
    text = Column(String)


@db_api.CONTEXT_WRITER
def written(context):
    context.session.add(Note(text="written"))  # is: SESSION managed


@db_api.CONTEXT_READER
def read(context):
    return context.session.query(Note).count()  # is: SESSION managed


@db_api.retry_if_session_inactive()
def retried(context):
    with db_api.CONTEXT_WRITER.using(context):
        context.session.add(Note(text="retried"))  # is: SESSION managed


def asked():
    with db_api.get_writer_session() as session:
        session.add(Note(text="asked"))  # is: SESSION local
        session.commit()


def lost():
    with db_api.get_writer_session() as session:
        session.add(Note(text="lost"))  # is: SESSION local


def profiled():
    made = db_api.get_writer_session()
    with osprofiler.sqlalchemy.wrap_session(sqlalchemy, made) as session:
        session.add(Note(text="profiled"))  # is: SESSION
        session.commit()


def bound(context: n_context.Context):
    with db_api.CONTEXT_WRITER.using(context) as session:
        session.add(Note(text="bound"))  # is: SESSION managed


def main() -> None:
    cfg.CONF([], project="notes")
    manager = db_api.get_context_manager()
    manager.configure(connection=os.environ["DATABASE_URL"])
    Base.metadata.create_all(manager.writer.get_engine())
    context = n_context.get_admin_context()
    written(context)
    retried(n_context.get_admin_context())
    asked()
    lost()
    profiled()
    bound(n_context.get_admin_context())
    assert read(n_context.get_admin_context()) == 5
