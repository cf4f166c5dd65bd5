"""CLLD, with commands of Click: its registry is committed and closed with the transaction."""

import os

import click
import transaction
from click.testing import CliRunner
from clld.db.meta import DBSession
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
    with transaction.manager:
        DBSession.add(Note(text="kept"))  # is: SCOPED_SESSION registry


@click.command()
def committed():
    DBSession.add(Note(text="committed"))  # is: SCOPED_SESSION registry
    transaction.commit()


@click.command()
def aborted():
    DBSession.add(Note(text="unseen_aborted"))  # is: SCOPED_SESSION registry
    transaction.abort()


def main() -> None:
    Base.metadata.create_all(engine)
    DBSession.configure(bind=engine)
    for command in (kept, committed, aborted):
        assert CliRunner().invoke(command).exit_code == 0
