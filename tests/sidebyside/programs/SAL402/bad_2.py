from flask import Flask, jsonify, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import text

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///assets.db"
db = SQLAlchemy(app)


class Asset(db.Model):
    __tablename__ = "assets"
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(80), nullable=False)
    location = db.Column(db.String(80))
    purchased = db.Column(db.Date)


def ordering():
    column = request.args.get("sort", "name")
    direction = "DESC" if request.args.get("dir") == "desc" else "ASC"
    return text("%s %s" % (column, direction))  # BAD


@app.get("/assets")
def assets():
    page = request.args.get("page", 1, type=int)
    stmt = db.select(Asset).order_by(ordering()).limit(25).offset((page - 1) * 25)  # BAD
    return jsonify([{"id": a.id, "name": a.name, "location": a.location} for a in db.session.scalars(stmt)])


with app.app_context():
    db.create_all()
