"""sqlalchemy-helpers: a registry that does not flush by itself, and an asyncio factory."""

import asyncio
import os
from pathlib import Path

from flask import Flask
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy_helpers import Base, DatabaseManager
from sqlalchemy_helpers.aio import AsyncDatabaseManager
from sqlalchemy_helpers.flask_ext import DatabaseExtension

HERE = str(Path(__file__).parent)
manager = DatabaseManager(os.environ["DATABASE_URL"], HERE)
later = AsyncDatabaseManager(os.environ["DATABASE_URL"], HERE)
app = Flask(__name__)
app.config.update(
    SQLALCHEMY_DATABASE_URI=os.environ["DATABASE_URL"],
    DB_ALEMBIC_LOCATION=HERE,
    DB_MODELS_LOCATION="os",
)
db = DatabaseExtension(app)


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


def registry() -> None:
    manager.Session.add(Note(text="registry"))  # is: SCOPED_SESSION registry
    manager.Session.commit()
    manager.Session.remove()


def made() -> None:
    session = manager.Session()
    session.add(Note(text="made"))  # is: SESSION registry
    session.commit()
    manager.Session.remove()


def connected() -> None:
    with manager.engine.begin() as connection:  # is: ENGINE
        connection.execute(Note.__table__.insert().values(text="one"))  # is: CONNECTION managed


async def made_later() -> None:
    async with later.Session() as session:
        session.add(Note(text="made_later"))  # is: SESSION! local
        await session.commit()


async def lost_later() -> None:
    async with later.Session() as session:
        session.add(Note(text="lost_later"))  # is: SESSION! local


@app.post("/lost")
def lost():
    db.session.add(Note(text="unseen_lost"))  # is: SESSION registry
    return ""


@app.post("/kept")
def kept():
    db.session.add(Note(text="kept"))  # is: SESSION registry
    db.manager.Session.commit()  # is: SCOPED_SESSION registry
    return ""


def main() -> None:
    Base.metadata.create_all(manager.engine)
    registry()
    made()
    connected()
    asyncio.run(made_later())
    asyncio.run(lost_later())
    client = app.test_client()
    for path in ("/lost", "/kept"):
        assert client.post(path).status_code == 200
