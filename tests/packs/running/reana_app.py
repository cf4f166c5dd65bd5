"""REANA: the registry of its database, which does not flush by itself."""

import os

os.environ["REANA_SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]

import click
from click.testing import CliRunner
from reana_db.database import Session, engine
from sqlalchemy import Column, Integer, String
from sqlalchemy.orm import declarative_base

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
    Session.add(Note(text="lost"))  # is: SCOPED_SESSION registry


def main() -> None:
    Base.metadata.create_all(engine)
    for command in (kept, lost):
        assert CliRunner().invoke(command).exit_code == 0
        Session.remove()
