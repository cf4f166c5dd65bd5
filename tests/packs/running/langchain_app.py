"""LangChain and LlamaIndex: wrappers around an engine, whose `run()` commits."""

import os

from langchain_community.utilities import SQLDatabase
from llama_index.core import SQLDatabase as IndexedDatabase
from sqlalchemy import create_engine, text

engine = create_engine(os.environ["DATABASE_URL"])


def of_a_url():
    db = SQLDatabase.from_uri(os.environ["DATABASE_URL"])
    with db._engine.begin() as connection:  # is: ENGINE
        connection.execute(text("INSERT INTO notes (text) VALUES ('url')"))  # is: CONNECTION managed
    db.run("INSERT INTO notes (text) VALUES ('run')")


def of_an_engine():
    db = SQLDatabase(engine)
    with db._engine.connect() as connection:  # is: ENGINE
        connection.execute(text("INSERT INTO notes (text) VALUES ('lost')"))  # is: CONNECTION local


def of_an_index():
    db = IndexedDatabase(engine)
    with db.engine.begin() as connection:  # is: ENGINE
        connection.execute(text("INSERT INTO notes (text) VALUES ('index')"))  # is: CONNECTION managed
    db.run_sql("INSERT INTO notes (text) VALUES ('run_sql')")


def main() -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE notes (id INTEGER PRIMARY KEY, text VARCHAR)"))
    of_a_url()
    of_an_engine()
    of_an_index()
