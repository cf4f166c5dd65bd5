from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
db = SQLAlchemy(app)


class Post(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.String(200))
    author = db.Column(db.String(50))
    created = db.Column(db.DateTime, server_default=db.func.now())


@app.route("/posts")
def posts():
    page = request.args.get("page", 1, type=int)
    return {"posts": [p.title for p in load_page(page, request.args.get("author"))]}


def load_page(page, author=None, size=20):
    query = Post.query.order_by(Post.created.desc()).limit(size).offset((page - 1) * size)
    if author:
        query = query.filter(Post.author == author)  # BAD
    return query.all()
