from blog import create_app, scripts
from blog.extensions import db
from blog.models import Comment, Post, Profile, Tag, User

BASE = db.Model
VERSIONS = ("2.0", "2.1")
app = create_app()


def fill(session):
    with app.app_context():
        db.create_all()
        for i in range(3):
            user = User(name=f"u{i}", profile=Profile(bio="b"))
            post = Post(title=f"t{i}", body="x", author=user, tags=[Tag(word=f"w{i}")])
            post.comments = [Comment(text="c d"), Comment(text="e")]
            db.session.add(post)
        db.session.commit()


def get(url):
    def step():
        with app.test_client() as client:
            app.testing = True
            assert client.get(url).status_code == 200

    return step


def post(url):
    def step():
        with app.test_client() as client:
            app.testing = True
            assert client.post(url).status_code == 200

    return step


STEPS = [
    *map(get, ("/", "/joined", "/details", "/post/1", "/bodies", "/bodies-loaded", "/users")),
    *map(get, ("/counts", "/tags", "/tags-loaded", "/newest", "/comments", "/search?q=t")),
    post("/like"),
    post("/rename"),
    lambda: scripts.import_posts([("x", "u0"), ("y", "u1")]),
    scripts.count_words,
    scripts.post_titles,
    lambda: scripts.tag_all("all"),
]
