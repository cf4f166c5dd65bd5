from flask import Blueprint, Flask, jsonify, request
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()
bp = Blueprint("listings", __name__, url_prefix="/listings")


class Listing(db.Model):
    __tablename__ = "listings"

    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.String(120), nullable=False)
    rent = db.Column(db.Integer, nullable=False)
    rooms = db.Column(db.Integer, nullable=False)
    withdrawn = db.Column(db.Boolean, nullable=False, default=False)


class ListingFilter:
    def __init__(self, args):
        self.max_rent = args.get("max_rent", type=int)
        self.rooms = args.get("rooms", type=int)
        self.everything = args.get("all") == "1"

    def apply(self, query):
        if not self.everything:
            query.filter(Listing.withdrawn.is_(False))  # BAD
        if self.max_rent is not None:
            query = query.filter(Listing.rent <= self.max_rent)
        if self.rooms is not None:
            query = query.filter(Listing.rooms >= self.rooms)
        return query


@bp.get("/")
def index():
    query = ListingFilter(request.args).apply(db.session.query(Listing))
    found = query.order_by(Listing.rent, Listing.id).all()
    return jsonify([{"title": one.title, "rent": one.rent} for one in found])


def create_app(uri="sqlite:///listings.db"):
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = uri
    db.init_app(app)
    app.register_blueprint(bp)
    return app
