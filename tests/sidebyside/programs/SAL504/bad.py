from flask import Flask
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
db = SQLAlchemy(app)


class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    email = db.Column(db.String(120), unique=True)
    role = db.Column(db.String(20), default="member")
    active = db.Column(db.Boolean, default=True)


@app.cli.command("admins")
def admins():
    for user in find_admins():
        print(user.email)


def find_admins():
    return (
        db.session.query(User)
        .filter(User.role == "admin" & User.active == True)  # noqa: E712  # BAD
        .order_by(User.email)
        .all()
    )
