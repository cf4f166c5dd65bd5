from blog.extensions import db

post_tags = db.Table(
    "post_tags",
    db.Column("post_id", db.ForeignKey("posts.id"), primary_key=True),
    db.Column("tag_id", db.ForeignKey("tags.id"), primary_key=True),
)


class User(db.Model):
    __tablename__ = "users"

    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(40), nullable=False)
    posts = db.relationship("Post", backref="author", lazy="dynamic")
    profile = db.relationship("Profile", backref="user", uselist=False, lazy="joined")

    def to_dict(self):
        return {"id": self.id, "name": self.name, "bio": self.profile.bio if self.profile else None}


class Profile(db.Model):
    __tablename__ = "profiles"

    id = db.Column(db.Integer, primary_key=True)
    bio = db.Column(db.Text)
    user_id = db.Column(db.ForeignKey("users.id"))


class Post(db.Model):
    __tablename__ = "posts"

    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.String(100))
    body = db.deferred(db.Column(db.Text))
    user_id = db.Column(db.ForeignKey("users.id"))
    comments = db.relationship("Comment", back_populates="post")
    tags = db.relationship("Tag", secondary=post_tags, backref=db.backref("posts"))

    def summary(self):
        return {"title": self.title, "by": self.author.name}

    def details(self):
        return {**self.summary(), "tags": [t.word for t in self.tags]}

    @property
    def newest_comment(self):
        return self.comments[-1] if self.comments else None


class Comment(db.Model):
    __tablename__ = "comments"

    id = db.Column(db.Integer, primary_key=True)
    text = db.Column(db.Text)
    post_id = db.Column(db.ForeignKey("posts.id"))
    post = db.relationship("Post", back_populates="comments")


class Tag(db.Model):
    __tablename__ = "tags"

    id = db.Column(db.Integer, primary_key=True)
    word = db.Column(db.String(30))
