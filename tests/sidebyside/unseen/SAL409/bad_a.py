from flask import Flask, jsonify, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import text

db = SQLAlchemy()


class Street(db.Model):
    __tablename__ = "streets"

    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(120), nullable=False)
    postcode = db.Column(db.String(10), nullable=False)


LOOKUP = (  # BAD
    "SELECT name, postcode FROM streets"
    " WHERE postcode = :postcode"
    " AND name LIKE ':start%'"  # BAD
    " ORDER BY name"
)


def create_app(uri="sqlite://"):
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = uri
    db.init_app(app)

    @app.get("/streets")
    def streets():
        values = {
            "postcode": request.args["postcode"],
            "start": request.args.get("start", ""),
        }
        rows = db.session.execute(text(LOOKUP), values).mappings()  # BAD
        return jsonify([dict(row) for row in rows])

    return app


if __name__ == "__main__":
    create_app("sqlite:///streets.db").run()
