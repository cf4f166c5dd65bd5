from flask import Flask, jsonify, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select, text

db = SQLAlchemy()


class Shipment(db.Model):
    __tablename__ = "shipments"

    id = db.Column(db.Integer, primary_key=True)
    carrier = db.Column(db.String(60), nullable=False)
    weight = db.Column(db.Float, nullable=False)
    sent_at = db.Column(db.DateTime)


def sort_clause(args):
    field = args.get("sort", "id")
    suffix = "DESC" if args.get("desc") == "1" else "ASC"
    return f"shipments.{field} {suffix}"  # BAD


def create_app(uri="sqlite://"):
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = uri
    db.init_app(app)

    @app.get("/shipments")
    def shipments():
        stmt = select(Shipment)
        carrier = request.args.get("carrier")
        if carrier:
            stmt = stmt.where(Shipment.carrier == carrier)
        stmt = stmt.order_by(text(sort_clause(request.args)))  # BAD
        found = db.session.scalars(stmt).all()
        return jsonify([{"id": s.id, "carrier": s.carrier} for s in found])

    return app


if __name__ == "__main__":
    create_app("sqlite:///shipments.db").run()
