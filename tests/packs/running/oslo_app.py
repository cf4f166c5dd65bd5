"""oslo.db: the facade opens, commits and closes; a reader keeps nothing."""

import os

from oslo_db.sqlalchemy import enginefacade
from sqlalchemy import Column, Integer, String, insert
from sqlalchemy.orm import declarative_base

facade = enginefacade.transaction_context()
facade.configure(connection=os.environ["DATABASE_URL"], sqlite_fk=False)
Base = declarative_base()


class Note(Base):
    __tablename__ = "notes"

    id = Column(Integer, primary_key=True)
    text = Column(String)


@enginefacade.transaction_context_provider
class RequestContext:
    """What a request carries."""


@facade.writer
def kept(context):
    context.session.add(Note(text="kept"))  # is: SESSION managed


@facade.writer.connection
def connected(context):
    context.connection.execute(insert(Note).values(text="connected"))  # is: CONNECTION managed


def by_hand(context: RequestContext):
    with facade.writer.using(context):
        context.session.add(Note(text="by_hand"))  # is: SESSION managed


def bound(context):
    with facade.writer.independent.using(context) as session:
        session.add(Note(text="bound"))  # is: SESSION managed


@facade.reader
def read(context):
    return [note.text for note in context.session.query(Note)]  # is: SESSION managed


def engine():
    return facade.writer.get_engine()


def main() -> None:
    Base.metadata.create_all(engine())
    context = RequestContext()
    kept(context)
    connected(context)
    by_hand(context)
    bound(context)
    assert len(read(context)) == 4
