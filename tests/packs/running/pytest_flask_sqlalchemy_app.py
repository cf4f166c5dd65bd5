"""pytest-flask-sqlalchemy: fixtures of the plug-in, whose transaction is rolled back."""

import os

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

application = Flask(__name__)
application.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
application.config["SQLALCHEMY_TRACK_MODIFICATIONS"] = False
db = SQLAlchemy(application)


class Note(db.Model):
    __tablename__ = "notes"

    id = db.Column(db.Integer, primary_key=True)
    text = db.Column(db.String)


@pytest.fixture(scope="session")
def app():
    return application


@pytest.fixture(scope="session")
def _db(app):
    with app.app_context():
        db.create_all()
        yield db


def test_session(db_session):
    db_session.add(Note(text="unseen_session"))  # is: SCOPED_SESSION registry
    db_session.commit()
    assert db_session.query(Note).count() == 1


def test_engine(db_engine):
    with db_engine.connect() as connection:  # is: ENGINE
        connection.execute(Note.__table__.insert().values(text="unseen_engine"))


def main() -> None:
    quiet = ["-q", "-p", "no:cacheprovider"]
    assert pytest.main([*quiet, __file__], plugins=[]) == 0
