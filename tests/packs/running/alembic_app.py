"""alembic: a migration works on the connection of its context, whose transaction ends outside."""

import os

from alembic import op
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

engine = create_engine(os.environ["DATABASE_URL"])


def upgrade() -> None:
    op.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, text VARCHAR)")
    connection = op.get_bind()
    connection.execute(text("INSERT INTO notes (text) VALUES ('kept')"))  # is: CONNECTION managed
    session = Session(bind=connection)
    session.execute(text("INSERT INTO notes (text) VALUES ('joined')"))  # is: SESSION joined


def main() -> None:
    with engine.begin() as connection:
        with Operations.context(MigrationContext.configure(connection)):
            upgrade()
