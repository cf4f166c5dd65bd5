from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
db = SQLAlchemy(app)


class Movie(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.String(200), nullable=False)
    genre = db.Column(db.String(40))
    year = db.Column(db.Integer)


@app.get("/movies")
def movies():
    return {"movies": [m.title for m in search(request.args.get("genre"), request.args.get("year", type=int))]}


def search(genre=None, year=None):
    query = Movie.query
    if genre:
        query = query.filter(Movie.genre == genre)
    if year:
        query.filter(Movie.year == year)  # BAD
    return query.order_by(Movie.title).all()
