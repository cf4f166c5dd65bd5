"""Alchemical: its factory, its transaction, and the session of Flask's application context."""

import asyncio
import os

import alchemical
import alchemical.aio
import alchemical.flask
from flask import Flask
from sqlalchemy.orm import Mapped, mapped_column

db = alchemical.Alchemical(os.environ["DATABASE_URL"])
later = alchemical.aio.Alchemical(os.environ["ASYNC_DATABASE_URL"])
flask_db = alchemical.flask.Alchemical()
app = Flask(__name__)
app.config["ALCHEMICAL_DATABASE_URL"] = os.environ["DATABASE_URL"]
flask_db.init_app(app)


class Note(alchemical.Model):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


def made() -> None:
    with db.Session() as session:
        session.add(Note(text="made"))  # is: SESSION local
        session.commit()


def lost() -> None:
    with db.Session() as session:
        session.add(Note(text="lost"))  # is: SESSION local


def begun() -> None:
    with db.begin() as session:
        session.add(Note(text="begun"))  # is: SESSION managed


async def made_later() -> None:
    async with later.Session() as session:
        session.add(Note(text="made_later"))  # is: SESSION! local
        await session.commit()


async def begun_later() -> None:
    async with later.begin() as session:
        session.add(Note(text="begun_later"))  # is: SESSION! managed


@app.post("/lost")
def lost_in_a_request():
    flask_db.session.add(Note(text="unseen_in_a_request"))  # is: SESSION registry
    return ""


@app.post("/kept")
def kept_in_a_request():
    flask_db.session.add(Note(text="kept_in_a_request"))  # is: SESSION registry
    flask_db.session.commit()
    return ""


@app.post("/begun")
def begun_in_a_request():
    with flask_db.begin() as session:
        session.add(Note(text="begun_in_a_request"))  # is: SESSION managed
    return ""


def engines() -> None:
    with db.get_engine().begin() as connection:  # is: ENGINE
        connection.execute(Note.__table__.insert().values(text="by_hand"))  # is: CONNECTION managed


def main() -> None:
    db.create_all()
    made()
    lost()
    begun()
    engines()
    asyncio.run(made_later())
    asyncio.run(begun_later())
    client = app.test_client()
    for path in ("/lost", "/kept", "/begun"):
        assert client.post(path).status_code == 200
