"""Invenio: its `db` is a SQLAlchemy of Flask-SQLAlchemy's that every module shares."""

import os

from flask import Flask
from invenio_db import InvenioDB, db

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
app.config["DB_VERSIONING"] = False


class Note(db.Model):
    __tablename__ = "notes"

    id = db.Column(db.Integer, primary_key=True)
    text = db.Column(db.String)


InvenioDB(app, entry_point_group=None)


@app.post("/lost")
def lost():
    db.session.add(Note(text="lost"))  # is: SCOPED_SESSION registry
    return ""


@app.post("/kept")
def kept():
    with db.session.begin_nested():  # is: SCOPED_SESSION registry
        db.session.add(Note(text="kept"))  # is: SCOPED_SESSION registry
    db.session.commit()
    return ""


def main() -> None:
    with app.app_context():
        db.create_all()
    client = app.test_client()
    for path in ("/lost", "/kept"):
        assert client.post(path).status_code == 200
