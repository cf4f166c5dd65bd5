"""Flask-Admin: a view keeps the session that it was given, and commits what its forms change."""

import os

from flask import Flask
from flask_admin import Admin, expose
from flask_admin.contrib.sqla import ModelView
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
app.config["SECRET_KEY"] = "x"
db = SQLAlchemy(app)


class Note(db.Model):
    __tablename__ = "notes"

    id = db.Column(db.Integer, primary_key=True)
    text = db.Column(db.String)


class NoteView(ModelView):
    @expose("/added", methods=("POST",))
    def added(self):
        self.session.add(Note(text="added"))  # is: SCOPED_SESSION managed
        self.session.commit()
        return ""

    def after_model_change(self, form, model, is_created):
        assert is_created
        # the view has committed
        assert self.session.query(Note).count() == 2  # is: SCOPED_SESSION managed


def main() -> None:
    with app.app_context():
        db.create_all()
    Admin(app).add_view(NoteView(Note, db.session, endpoint="notes"))
    client = app.test_client()
    assert client.post("/admin/notes/added").status_code == 200
    answer = client.post("/admin/notes/new/", data={"text": "by_the_form"})
    assert answer.status_code == 302
