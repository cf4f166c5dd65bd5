from sqlalchemy import ForeignKey, exists, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    posts: Mapped[list["Post"]] = relationship(back_populates="author")


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    author: Mapped[User] = relationship(back_populates="posts")


def writers(session: Session, word: str):
    by_any = select(User).where(User.posts.any(Post.title.contains(word)))
    by_exists = select(User).where(exists().where(Post.author_id == User.id, Post.title.contains(word)))
    post_count = select(func.count(Post.id)).where(Post.author_id == User.id).scalar_subquery()
    counted = select(User, post_count).where(User.id.in_(select(Post.author_id)))
    pairs = select(User.name, Post.title).where(Post.author_id == User.id)
    return [session.execute(s).all() for s in (by_any, by_exists, counted, pairs)]


def posts_of(session: Session, user: User):
    return session.scalars(select(Post).where(Post.author == user, Post.author.has(User.name != ""))).all()
