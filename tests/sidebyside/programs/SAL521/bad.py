from flask import Flask, abort
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
db = SQLAlchemy(app)


class User(db.Model):
    __tablename__ = "users"
    id = db.Column(db.Integer, primary_key=True)
    username = db.Column(db.String(50), unique=True)
    email = db.Column(db.String(120))


def get_user(username):
    user = User.query.filter_by(username=username).first()
    return user or abort(404)


def get_by_email(email):
    return User.query.filter(email=email).first()  # BAD


@app.get("/users/by-email/<email>")
def by_email(email):
    user = get_by_email(email)
    return {"username": user.username if user else None}
