from flask import Blueprint, Flask, jsonify, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import text

db = SQLAlchemy()
bp = Blueprint("people", __name__)


class Person(db.Model):
    __tablename__ = "people"
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(80), nullable=False)
    city = db.Column(db.String(80))
    email = db.Column(db.String(120))


@bp.get("/people")
def people():
    query = Person.query
    city = request.args.get("city")
    if city:
        query = query.filter(Person.city == city)
    name = request.args.get("name")
    if name:
        query = query.filter(text("lower(name) = lower('%s')" % name))  # BAD
    page = query.order_by(Person.name).limit(50).all()
    return jsonify([{"id": p.id, "name": p.name, "email": p.email} for p in page])


def create_app():
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///people.db"
    db.init_app(app)
    app.register_blueprint(bp)
    return app
