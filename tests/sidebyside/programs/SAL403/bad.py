from flask import Flask, jsonify
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///games.db"
db = SQLAlchemy(app)


class Score(db.Model):
    __tablename__ = "scores"
    id = db.Column(db.Integer, primary_key=True)
    player = db.Column(db.String(40), nullable=False)
    points = db.Column(db.Integer, nullable=False)


@app.get("/leaderboard")
def leaderboard():
    rows = db.session.execute(
        "SELECT player, SUM(points) AS total FROM scores GROUP BY player ORDER BY total DESC LIMIT 10"  # BAD
    )
    return jsonify([{"player": r.player, "total": r.total} for r in rows])


@app.get("/health")
def health():
    db.session.execute("SELECT 1")  # BAD
    return "ok"


@app.post("/scores/<player>/<int:points>")
def add(player, points):
    db.session.add(Score(player=player, points=points))
    db.session.commit()
    return "", 201


with app.app_context():
    db.create_all()
