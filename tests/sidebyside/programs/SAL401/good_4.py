from flask import Flask, jsonify, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import func, literal, or_

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///people.db"
db = SQLAlchemy(app)


class Person(db.Model):
    __tablename__ = "people"
    id = db.Column(db.Integer, primary_key=True)
    first = db.Column(db.String(80), nullable=False)
    last = db.Column(db.String(80), nullable=False)
    city = db.Column(db.String(80))


@app.get("/people")
def people():
    name = request.args.get("name", "")
    prefix = request.args.get("prefix", "")
    full_name = Person.first + " " + Person.last
    query = db.select(Person.id, full_name.label("name")).where(
        or_(full_name.like(f"%{name}%"), Person.city == "%s" % name)
    )
    if prefix:
        query = query.where(func.lower(Person.last).startswith(prefix.lower() + ""))
    query = query.add_columns((literal(prefix + ": ") + Person.first).label("greeting"))
    app.logger.info("SELECT people for '%s'" % name)
    return jsonify([dict(r) for r in db.session.execute(query.order_by(full_name)).mappings()])


with app.app_context():
    db.create_all()
