"""CKAN: its registry keeps what it has loaded and does not flush; actions have it in their context."""

import os

import click
from ckan import model
from ckan.logic import _prepopulate_context
from ckan.model import Session
from ckan.model.meta import create_local_session
from ckan.types import Context
from click.testing import CliRunner
from sqlalchemy import Column, Integer, String, create_engine
from sqlalchemy.orm import declarative_base

engine = create_engine(os.environ["DATABASE_URL"])
Base = declarative_base()


class Note(Base):
    __tablename__ = "notes"

    id = Column(Integer, primary_key=True)
    text = Column(String)


@click.command()
def kept():
    Session.add(Note(text="kept"))  # is: SCOPED_SESSION registry
    Session.commit()


@click.command()
def lost():
    model.Session.add(Note(text="lost"))  # is: SCOPED_SESSION registry


@click.command()
def local():
    with create_local_session(bind=engine) as session:
        session.add(Note(text="local"))  # is: SESSION local
        session.commit()


def note_create(context, data_dict):
    context["session"].add(Note(text="created"))  # is: SCOPED_SESSION registry
    context["model"].Session.add(Note(text="modelled"))  # is: SCOPED_SESSION registry
    context["session"].commit()


def typed(context: Context):
    context["session"].add(Note(text="typed"))  # is: SCOPED_SESSION registry
    context["model"].repo.commit()


def main() -> None:
    Base.metadata.create_all(engine)
    model.meta.engine = engine
    Session.configure(bind=engine)
    for command in (kept, lost, local):
        assert CliRunner().invoke(command).exit_code == 0
        Session.remove()
    context = {"user": "ann", "ignore_auth": True}
    _prepopulate_context(context)
    note_create(context, {})
    typed(context)
    Session.remove()
