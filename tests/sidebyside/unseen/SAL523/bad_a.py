from flask import Blueprint, Flask, jsonify, request
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()
bp = Blueprint("wines", __name__, url_prefix="/wines")


class Wine(db.Model):
    __tablename__ = "wines"

    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(120), nullable=False)
    year = db.Column(db.Integer, nullable=False)
    rating = db.Column(db.Float)


class Ordering:
    NEWEST = "year desc"
    NAME = "name"

    @classmethod
    def chosen(cls, args):
        return cls.NAME if args.get("by") == "name" else cls.NEWEST


@bp.get("/")
def index():
    stmt = db.select(Wine)
    if least := request.args.get("rating", type=float):
        stmt = stmt.where(Wine.rating >= least)
    stmt = stmt.order_by(Ordering.chosen(request.args), Wine.id)  # BAD
    found = db.session.scalars(stmt).all()
    return jsonify([f"{wine.name} {wine.year}" for wine in found])


@bp.get("/<int:wine_id>")
def show(wine_id):
    wine = db.get_or_404(Wine, wine_id)
    return jsonify(name=wine.name, year=wine.year, rating=wine.rating)


def create_app(uri="sqlite:///wines.db"):
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = uri
    db.init_app(app)
    app.register_blueprint(bp)
    return app
