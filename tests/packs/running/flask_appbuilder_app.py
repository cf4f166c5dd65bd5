"""Flask-AppBuilder: its `db`, the session of its views, and that of their data models."""

import os

from flask import Flask, current_app
from flask_appbuilder import AppBuilder, BaseView, ModelRestApi, expose
from flask_appbuilder.api import BaseApi
from flask_appbuilder.models.sqla.interface import SQLAInterface
from flask_appbuilder.utils.legacy import get_sqla_class

app = Flask(__name__)
app.config.update(
    SQLALCHEMY_DATABASE_URI=os.environ["DATABASE_URL"],
    SECRET_KEY="x",
    FAB_ROLES={"Open": [[".*", ".*"]]},
    AUTH_ROLE_PUBLIC="Open",
    RATELIMIT_ENABLED=False,
)
db = get_sqla_class()()
appbuilder = AppBuilder()


class Note(db.Model):
    __tablename__ = "notes"

    id = db.Column(db.Integer, primary_key=True)
    text = db.Column(db.String)


class NoteView(BaseView):
    route_base = "/views"

    @expose("/kept", methods=["POST"])
    def kept(self):
        self.appbuilder.session.add(Note(text="viewed"))  # is: SCOPED_SESSION registry
        self.appbuilder.session.commit()
        return ""


class NoteApi(BaseApi):
    route_base = "/apis"

    @expose("/kept", methods=["POST"])
    def kept(self):
        self.appbuilder.session.add(Note(text="api"))  # is: SCOPED_SESSION registry
        self.appbuilder.session.commit()
        return ""


class NotesApi(ModelRestApi):
    route_base = "/notes"
    datamodel = SQLAInterface(Note)

    @expose("/kept", methods=["POST"])
    def kept(self):
        self.datamodel.session.add(Note(text="model"))  # is: SCOPED_SESSION registry
        self.datamodel.session.commit()
        return ""


@app.post("/plain")
def plain():
    db.session.add(Note(text="plain"))  # is: SCOPED_SESSION registry
    db.session.commit()
    return ""


@app.post("/lost")
def lost():
    db.session.add(Note(text="lost"))  # is: SCOPED_SESSION registry
    return ""


@app.post("/current")
def current():
    current_app.appbuilder.session.add(Note(text="current"))  # is: SCOPED_SESSION registry
    current_app.appbuilder.session.commit()
    return ""


def main() -> None:
    db.init_app(app)
    with app.app_context():
        appbuilder.init_app(app, db.session)
        db.create_all()
        appbuilder.add_view_no_menu(NoteView)
        appbuilder.add_api(NoteApi)
        appbuilder.add_api(NotesApi)
    client = app.test_client()
    for path in ("/views/kept", "/apis/kept", "/notes/kept", "/plain", "/lost", "/current"):
        assert client.post(path).status_code == 200, path
