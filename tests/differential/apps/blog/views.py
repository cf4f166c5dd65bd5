from flask import Blueprint, jsonify, request
from sqlalchemy.orm import joinedload, selectinload, undefer

from blog.extensions import db
from blog.models import Comment, Post, Tag, User

bp = Blueprint("blog", __name__)


@bp.route("/")
def index():
    posts = Post.query.order_by(Post.id).all()
    return jsonify([post.summary() for post in posts])


@bp.route("/joined")
def index_joined():
    posts = Post.query.options(joinedload(Post.author)).order_by(Post.id).all()
    return jsonify([post.summary() for post in posts])


@bp.route("/details")
def details():
    posts = Post.query.options(joinedload(Post.author)).all()
    return jsonify([post.details() for post in posts])


@bp.route("/post/<int:post_id>")
def post(post_id):
    found = db.get_or_404(Post, post_id)
    return jsonify({**found.details(), "body": found.body})


@bp.route("/bodies")
def bodies():
    posts = db.session.execute(db.select(Post)).scalars().all()
    return jsonify([p.body for p in posts])


@bp.route("/bodies-loaded")
def bodies_loaded():
    posts = db.session.execute(db.select(Post).options(undefer(Post.body))).scalars().all()
    return jsonify([p.body for p in posts])


@bp.route("/users")
def users():
    return jsonify([user.to_dict() for user in User.query.all()])


@bp.route("/counts")
def counts():
    found = {}
    for user in User.query:
        found[user.name] = user.posts.count()
    return jsonify(found)


@bp.route("/tags")
def tags():
    out = {}
    for tag in Tag.query.order_by(Tag.word):
        out[tag.word] = len(tag.posts)
    return jsonify(out)


@bp.route("/tags-loaded")
def tags_loaded():
    query = Tag.query.options(selectinload(Tag.posts)).order_by(Tag.word)
    return jsonify({tag.word: [p.title for p in tag.posts] for tag in query})


@bp.route("/newest")
def newest():
    out = []
    for post in Post.query.filter(Post.title.isnot(None)):
        comment = post.newest_comment
        out.append(comment.text if comment else "")
    return jsonify(out)


@bp.route("/comments")
def comments():
    page = request.args.get("page", 1, type=int)
    found = Comment.query.order_by(Comment.id).paginate(page=page, per_page=20)
    return jsonify([{"text": c.text, "post": c.post.title} for c in found.items])


@bp.route("/search")
def search():
    word = request.args.get("q", "")
    posts = Post.query.filter(Post.title.contains(word)).limit(10).all()
    if not posts:
        return jsonify([])
    return jsonify([{"title": p.title, "author": p.author.to_dict()} for p in posts])


@bp.route("/like", methods=["POST"])
def rename_all():
    posts = Post.query.all()
    for post in posts:
        post.title = post.title.strip()
    db.session.commit()
    return jsonify({"renamed": len(posts)})


@bp.route("/rename", methods=["POST"])
def rename_told():
    posts = Post.query.all()
    for post in posts:
        post.title = post.title.strip()
    db.session.commit()
    return jsonify([post.title for post in posts])
