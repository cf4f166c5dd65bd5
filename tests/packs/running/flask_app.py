"""Flask-SQLAlchemy: `db.session` is removed when the application context ends, and not committed."""

import os

from flask import Flask, g
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

db = SQLAlchemy()
app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
db.init_app(app)
engine = create_engine(os.environ["DATABASE_URL"])


class Note(db.Model):
    __tablename__ = "notes"

    id = db.Column(db.Integer, primary_key=True)
    text = db.Column(db.String)


@app.before_request
def lend():
    g.own = Session(engine)


@app.teardown_appcontext
def end(error):
    own = g.pop("own", None)
    if own is not None:
        own.close()


@app.post("/lost")
def lost():
    db.session.add(Note(text="lost"))  # is: SCOPED_SESSION registry
    return ""


@app.post("/kept")
def kept():
    db.session.add(Note(text="kept"))  # is: SCOPED_SESSION registry
    db.session.commit()
    return ""


@app.post("/own")
def own():
    g.own.add(Note(text="own"))  # is: SESSION managed
    g.own.commit()
    return ""


@app.post("/connected")
def connected():
    with db.engine.begin() as connection:  # is: ENGINE
        connection.execute(db.insert(Note).values(text="connected"))  # is: CONNECTION managed
    return ""


def main() -> None:
    with app.app_context():
        db.create_all()
    client = app.test_client()
    for path in ("/lost", "/kept", "/own", "/connected"):
        assert client.post(path).status_code == 200
