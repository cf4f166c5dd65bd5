"""Flask-SQLAlchemy 2 with Flask-SQLAlchemy-Session beside it, on SQLAlchemy 1.4."""

import os

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy_session import current_session, flask_scoped_session
from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
app.config["SQLALCHEMY_TRACK_MODIFICATIONS"] = False
db = SQLAlchemy(app)
factory = sessionmaker(create_engine(os.environ["DATABASE_URL"]))
sessions = flask_scoped_session(factory, app)


class Note(db.Model):
    __tablename__ = "notes"

    id = db.Column(db.Integer, primary_key=True)
    text = db.Column(db.String)


@app.post("/lost")
def lost():
    db.session.add(Note(text="lost"))  # is: SCOPED_SESSION registry
    return ""


@app.post("/kept")
def kept():
    db.session.add(Note(text="kept"))  # is: SCOPED_SESSION registry
    db.session.commit()
    return str(Note.query.count())


@app.post("/current")
def current():
    current_session.add(Note(text="current"))  # is: SCOPED_SESSION registry
    current_session.commit()
    return ""


@app.post("/registry")
def registry():
    sessions.add(Note(text="registry"))  # is: SCOPED_SESSION registry
    sessions.commit()
    return ""


@app.post("/connected")
def connected():
    with db.engine.begin() as connection:  # is: ENGINE
        connection.execute(db.insert(Note).values(text="connected"))  # is: CONNECTION managed
    return ""


@app.post("/by-itself")
def by_itself():
    with db.engine.connect() as connection:  # is: ENGINE
        connection.execute(db.insert(Note).values(text="by_itself"))  # is: CONNECTION local
    return ""


def main() -> None:
    with app.app_context():
        db.create_all()
    client = app.test_client()
    for path in ("/lost", "/kept", "/current", "/registry", "/connected", "/by-itself"):
        assert client.post(path).status_code == 200
