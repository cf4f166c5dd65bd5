"""Flask-SQLAlchemy-Lite: sessions, and no registries, that the application context closes."""

import os

from flask import Flask
from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

app = Flask(__name__)
app.config["SQLALCHEMY_ENGINES"] = {"default": os.environ["DATABASE_URL"]}
app.config["SQLALCHEMY_ASYNC_ENGINES"] = {"default": os.environ["ASYNC_DATABASE_URL"]}
db = SQLAlchemy(app)


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


@app.post("/lost")
def lost():
    db.session.add(Note(text="unseen_lost"))  # is: SESSION registry
    return ""


@app.post("/kept")
def kept():
    db.session.add(Note(text="kept"))  # is: SESSION registry
    db.session.commit()
    return ""


@app.post("/named")
def named():
    session = db.get_session("other")
    session.add(Note(text="named"))  # is: SESSION registry
    session.commit()
    return ""


@app.post("/made")
def made():
    with db.sessionmaker() as session:
        session.add(Note(text="made"))  # is: SESSION local
        session.commit()
    return ""


@app.post("/later")
async def later():
    db.async_session.add(Note(text="later"))  # is: SESSION! registry
    await db.async_session.commit()
    return ""


@app.post("/made-later")
async def made_later():
    async with db.async_sessionmaker() as session:
        session.add(Note(text="made_later"))  # is: SESSION! local
        await session.commit()
    return ""


@app.post("/connected")
def connected():
    with db.engine.begin() as connection:  # is: ENGINE
        connection.execute(Note.__table__.insert().values(text="one"))  # is: CONNECTION managed
    with db.get_engine().begin() as connection:  # is: ENGINE
        connection.execute(Note.__table__.insert().values(text="two"))  # is: CONNECTION managed
    return ""


def main() -> None:
    Base.metadata.create_all(create_engine(os.environ["DATABASE_URL"]))
    client = app.test_client()
    for path in ("/lost", "/kept", "/named", "/made", "/later", "/made-later", "/connected"):
        assert client.post(path).status_code == 200
