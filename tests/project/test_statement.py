"""What a statement surely is by now: the words its kind carries along."""

from __future__ import annotations

import pytest
from tests.project.program import kinds_in

PRELUDE = """
from typing import List
from sqlalchemy import *
from sqlalchemy.orm import *

class Base(DeclarativeBase): pass

class Post(Base):
    __tablename__ = "posts"
    id = Column(Integer, primary_key=True)
    user_id = Column(ForeignKey("users.id"))
    user = relationship("User", back_populates="posts")
    tags: Mapped[List["Tag"]] = relationship(secondary="post_tags")

class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    posts = relationship("Post", back_populates="user")

class Tag(Base):
    __tablename__ = "tags"
    id = Column(Integer, primary_key=True)
    notes: Mapped[list["Note"]] = relationship(lazy="joined")
"""


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("x = s.query(User).limit(3)", {"limited"}),
        ("x = s.query(User).limit(None)", set()),
        ("x = s.query(User).order_by(User.id)", {"ordered"}),
        ("x = s.query(User).order_by(User.id).order_by(None)", set()),
        ("x = s.query(User).order_by(thing)", set()),
        ("x = s.query(User).join(Post).filter(User.id == 1)", {"joined"}),
        ("x = s.query(User)", set()),
        ("x = s.query(User)\nif thing: x = x.limit(3)", set()),
        ("x = select(func.count())", {"no-from"}),
        ("x = select(func.count()).select_from(User)", set()),
        ("x = select(func.count(User.id))", set()),
        ("x = select(User, Post)", {"apart"}),
        ("x = select(User, User.id)", set()),
        ("x = select(User, Post).join(Post)", set()),
        ("x = select(User).options(joinedload(User.posts))", {"eager"}),
        ("x = select(Post).options(joinedload(Post.user))", set()),
        ("x = select(Post).options(joinedload(Post.user).joinedload(User.posts))", {"eager"}),
        ("x = select(Post).options(selectinload(Post.user).joinedload(User.posts))", set()),
        ("x = select(Post).options(joinedload(Post.tags).selectinload(Tag.notes))", {"eager"}),
        ("x = select(Tag)", {"eager-mapped"}),
        ("x = select(Tag).options(lazyload(Tag.notes))", set()),
        ("x = s.execute(select(Tag)).scalars()", {"eager-mapped"}),
        ("x = s.scalars(select(Tag)).unique()", set()),
        ("x = select(Tag.id)", set()),
    ],
)
def test_a_statement_carries(body: str, words: set[str]) -> None:
    lines = "\n    ".join(body.split("\n"))
    found = kinds_in(f"def f(s: Session, thing):\n    {lines}\n", prelude=PRELUDE)["x"]
    traits = {trait for trait in found.traits if " if " not in trait}
    assert traits - {"mapped", "table", "by session"} - LACKS == words


# what a statement does not have, until something gives it
LACKS = {"all-rows", "no-rows", "unordered", "paged"}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("x = delete(User)", {"all-rows", "no-rows"}),
        ("x = delete(User).where(User.id == 1)", {"no-rows"}),
        ("x = update(User).values(id=1).returning(User.id)", {"all-rows"}),
        ("x = update(User)\nif thing: x = x.where(User.id == 1)", {"no-rows"}),
        ("x = update(thing).values(id=1)", {"no-rows"}),
        ("x = insert(User).values(id=1)", {"no-rows"}),
        ("x = select(User).where(User.id > 1).offset(3)", {"unordered", "paged"}),
        ("x = select(User).order_by(User.id).offset(3)", {"paged"}),
        ("x = select(User).limit(3)", {"unordered"}),
        ("x = s.query(User).filter(User.id > 1)", {"unordered"}),
        ("x = s.query(User)", {"unordered", "all-rows"}),
    ],
)
def test_a_statement_lacks(body: str, words: set[str]) -> None:
    lines = "\n    ".join(body.split("\n"))
    prelude = PRELUDE + "\nfrom sqlalchemy import delete, insert, update\n"
    found = kinds_in(f"def f(s: Session, thing):\n    {lines}\n", prelude=prelude)["x"]
    assert found.traits & LACKS == words


def test_a_relationship_whose_foreign_keys_decide_is_carried_by_name() -> None:
    body = "x = select(Post).options(joinedload(Post.user))"
    found = kinds_in(f"def f(s: Session, thing):\n    {body}\n", prelude=PRELUDE)["x"]
    assert "eager if Post.user" in found.traits
