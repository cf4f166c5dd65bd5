from flask import Blueprint, Flask, jsonify, request
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()
bp = Blueprint("cheeses", __name__, url_prefix="/cheeses")


class Cheese(db.Model):
    __tablename__ = "cheeses"

    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(120), nullable=False)
    country = db.Column(db.String(60), nullable=False)
    months = db.Column(db.Integer, nullable=False)


class Ordering:
    OLDEST = db.text("cheeses.months DESC, cheeses.name ASC")
    NAME = db.desc("name")

    @classmethod
    def chosen(cls, args):
        return cls.NAME if args.get("by") == "name" else cls.OLDEST


@bp.get("/")
def index():
    stmt = db.select(Cheese).order_by(Ordering.chosen(request.args), Cheese.id)
    found = db.session.scalars(stmt).all()
    return jsonify([f"{cheese.name}, {cheese.months}" for cheese in found])


@bp.get("/countries")
def countries():
    kinds = db.func.count(Cheese.id).label("kinds")
    stmt = (
        db.select(Cheese.country, kinds)
        .group_by(Cheese.country)
        .order_by(db.desc("kinds"), "country")
    )
    return jsonify([list(row) for row in db.session.execute(stmt)])


def create_app(uri="sqlite:///cheeses.db"):
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = uri
    db.init_app(app)
    app.register_blueprint(bp)
    return app
