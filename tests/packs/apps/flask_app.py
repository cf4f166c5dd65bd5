"""Flask: Flask-SQLAlchemy 2 and 3, its subclass, `g` and `current_app`."""

from __future__ import annotations

from flask import Blueprint, Flask, current_app, g
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import create_engine, text
from sqlalchemy.orm import scoped_session, sessionmaker


class Database(SQLAlchemy):
    def ping(self):
        return self.session.execute(text("select 1"))  # is: SCOPED_SESSION registry


db = SQLAlchemy()
own = Database()
engine = create_engine("sqlite://")
SessionLocal = sessionmaker(engine)
pages = Blueprint("pages", __name__)


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String)


def create_app():
    app = Flask(__name__)
    db.init_app(app)
    app.session = scoped_session(SessionLocal)
    return app


@pages.before_request
def open_session():
    g.db = SessionLocal()


@pages.teardown_request
def close_session(error):
    g.db.close()  # is: SESSION


@pages.route("/")
def home():
    db.session.add(User(name="x"))  # is: SCOPED_SESSION registry
    User.query.filter_by(name="x").delete()  # is: QUERY registry
    db.session.query(User).delete()  # is: SCOPED_SESSION registry
    own.session.commit()  # is: SCOPED_SESSION registry
    g.db.execute(text("select 1"))  # is: SESSION managed
    current_app.session.execute(text("select 1"))  # is: SCOPED_SESSION registry
    with db.engine.connect() as connection:
        connection.execute(text("select 1"))  # is: CONNECTION local
    current_app.config.get("X")  # is: nothing
    g.cache.get("x")  # is: nothing
