from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
db = SQLAlchemy(app)


class Comment(db.Model):
    __tablename__ = "comments"
    id = db.Column(db.Integer, primary_key=True)
    post_id = db.Column(db.Integer, nullable=False)
    body = db.Column(db.Text)
    created_at = db.Column(db.DateTime, server_default=db.func.now())


@app.get("/posts/<int:post_id>/comments")
def comments(post_id):
    limit = request.args.get("limit", 50, type=int)
    return {"comments": [c.body for c in latest_comments(post_id, limit)]}


def latest_comments(post_id, limit=50):
    return (
        Comment.query.filter_by(post_id=post_id)
        .order_by("created_at desc")  # BAD
        .limit(limit)
        .all()
    )
