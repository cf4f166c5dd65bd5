from flask import Flask, jsonify
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
db = SQLAlchemy(app)


class Visit(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    page = db.Column(db.String(200), index=True)
    visitor = db.Column(db.String(64))


@app.get("/stats/<page>")
def page_stats(page):
    total = len(Visit.query.filter_by(page=page).all())  # BAD
    last = Visit.query.filter_by(page=page).order_by(Visit.id.desc()).first()
    return jsonify(page=page, total=total, last_visitor=last.visitor if last else None)


@app.post("/visit/<page>/<visitor>")
def visit(page, visitor):
    db.session.add(Visit(page=page, visitor=visitor))
    db.session.commit()
    return "", 204
