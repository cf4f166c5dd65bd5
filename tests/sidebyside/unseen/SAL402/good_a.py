from flask import Flask, abort, jsonify, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select, text

db = SQLAlchemy()


class Parcel(db.Model):
    __tablename__ = "parcels"

    id = db.Column(db.Integer, primary_key=True)
    carrier = db.Column(db.String(60), nullable=False)
    weight = db.Column(db.Float, nullable=False)
    sent_at = db.Column(db.DateTime)


SORTABLE = {
    "id": "parcels.id",
    "weight": "parcels.weight",
    "sent": "coalesce(parcels.sent_at, '9999-12-31')",
}


def sort_clause(args):
    field = args.get("sort", "id")
    if field not in SORTABLE:
        abort(400, description=f"cannot sort by {field!r}")
    suffix = "DESC" if args.get("desc") == "1" else "ASC"
    return f"{SORTABLE[field]} {suffix}"


def create_app(uri="sqlite://"):
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = uri
    db.init_app(app)

    @app.get("/parcels")
    def parcels():
        stmt = select(Parcel)
        carrier = request.args.get("carrier")
        if carrier:
            stmt = stmt.where(Parcel.carrier == carrier)
        stmt = stmt.order_by(text(sort_clause(request.args)))
        found = db.session.scalars(stmt).all()
        return jsonify([{"id": p.id, "carrier": p.carrier} for p in found])

    return app


if __name__ == "__main__":
    create_app("sqlite:///parcels.db").run()
