"""Flask-Security: its store of users has the `db` that it was given, and commits when it is told."""

import os

from flask import Flask
from flask_security import Security, SQLAlchemyUserDatastore
from flask_security.models import fsqla_v3
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config.update(
    SQLALCHEMY_DATABASE_URI=os.environ["DATABASE_URL"],
    SECRET_KEY="x",
    SECURITY_PASSWORD_SALT="1",
    SECURITY_PASSWORD_HASH="plaintext",
    SECURITY_PASSWORD_SCHEMES=["plaintext"],
)
db = SQLAlchemy(app)
fsqla_v3.FsModels.set_db_info(db)


class Role(db.Model, fsqla_v3.FsRoleMixin):
    pass


class User(db.Model, fsqla_v3.FsUserMixin):
    pass


class Note(db.Model):
    __tablename__ = "notes"

    id = db.Column(db.Integer, primary_key=True)
    text = db.Column(db.String)


class Store(SQLAlchemyUserDatastore):
    def note(self, text):
        self.db.session.add(Note(text=text))  # is: SCOPED_SESSION registry

    def kept(self):
        self.db.session.add(Note(text="kept"))  # is: SCOPED_SESSION registry
        self.commit()


store = Store(db, User, Role)
Security(app, store)


def main() -> None:
    with app.app_context():
        db.create_all()
        store.create_user(email="ann@example.org", password="password")
        store.kept()
    with app.app_context():
        store.note("unseen")
        assert len(store.find_user(email="ann@example.org").fs_uniquifier) > 0
