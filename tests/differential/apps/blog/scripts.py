from blog import create_app
from blog.extensions import db
from blog.models import Comment, Post, Tag, User


def import_posts(rows):
    app = create_app()
    with app.app_context():
        for title, name in rows:
            user = User.query.filter_by(name=name).first()
            db.session.add(Post(title=title, author=user))
        db.session.commit()


def count_words():
    app = create_app()
    with app.app_context():
        comments = Comment.query.all()
    return sum(len(comment.text.split()) for comment in comments)


def post_titles():
    app = create_app()
    with app.app_context():
        comments = Comment.query.all()
    return [comment.post.title for comment in comments]


def tag_all(word):
    app = create_app()
    with app.app_context():
        tag = Tag(word=word)
        for post in Post.query.all():
            post.tags.append(tag)
        db.session.commit()
