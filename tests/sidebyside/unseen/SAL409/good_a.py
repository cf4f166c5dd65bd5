from flask import Flask, jsonify, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import text

db = SQLAlchemy()


class Trail(db.Model):
    __tablename__ = "trails"

    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(120), nullable=False)
    surface = db.Column(db.String(20), nullable=False)


LOOKUP = (
    "SELECT name, 'surface: ' || surface AS hint FROM trails"
    " WHERE surface = coalesce(:surface, 'gravel')"
    " AND substr(name, 1, length(:start)) = :start"
    " AND name <> 'it''s closed'"
    " ORDER BY name"
)


def create_app(uri="sqlite://"):
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = uri
    db.init_app(app)

    @app.get("/trails")
    def trails():
        values = {
            "surface": request.args.get("surface"),
            "start": request.args.get("start", ""),
        }
        rows = db.session.execute(text(LOOKUP), values).mappings()
        return jsonify([dict(row) for row in rows])

    return app


if __name__ == "__main__":
    create_app("sqlite:///trails.db").run()
