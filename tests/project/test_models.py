"""Mapped classes as plain data, and by program as SQLAlchemy's own mapper has them."""

from __future__ import annotations

import sys
import textwrap
import types

import pytest
from sqlalchemy.orm import configure_mappers
from tests.project.program import linked

from sqla_lint.project.models import Models

IMPORTS = """
from __future__ import annotations
import datetime
from typing import Annotated, List, Optional
from sqlalchemy import *
from sqlalchemy.ext.associationproxy import association_proxy
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.ext.mutable import MutableDict
from sqlalchemy.orm import *
"""

LEGACY = """
Base = declarative_base()

post_tags = Table(
    "post_tags", Base.metadata,
    Column("post_id", ForeignKey("posts.id"), primary_key=True),
    Column("tag_id", ForeignKey("tags.id"), primary_key=True),
)

class Timestamps:
    created = Column(DateTime, default=datetime.datetime.now)

    @declared_attr
    def author_id(cls):
        return Column(Integer, ForeignKey("users.id"))

    @declared_attr
    def author(cls):
        return relationship("User", foreign_keys=[cls.author_id], viewonly=True)

class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    login = Column("user_name", String(50), nullable=False, unique=True)
    posts = relationship("Post", backref="user", foreign_keys="Post.user_id")
    manager_id = Column(ForeignKey("users.id"))
    manager = relationship("User", remote_side=[id], backref=backref("reports", lazy="joined"))
    titles = association_proxy("posts", "title")

    @hybrid_property
    def shouted(self):
        return self.login + "!"

class Post(Timestamps, Base):
    __tablename__ = "posts"
    id = Column(Integer, primary_key=True)
    title = Column(String)
    name = synonym("title")
    user_id = Column(Integer, ForeignKey(User.id))
    tags = relationship("Tag", secondary=post_tags, back_populates="posts")
    size = column_property(func.length(title))

class Tag(Base):
    __tablename__ = "tags"
    id = Column(Integer, primary_key=True)

Tag.posts = relationship(Post, secondary="post_tags", back_populates="tags")
"""

MODERN = """
pk = Annotated[int, mapped_column(primary_key=True)]

class Base(DeclarativeBase):
    pass

class Owned:
    owner_id: Mapped[int] = mapped_column(ForeignKey("owners.id"))

class Owner(Base):
    __tablename__ = "owners"
    id: Mapped[pk]
    name: Mapped[Optional[str]]
    data: Mapped[dict] = mapped_column(MutableDict.as_mutable(JSON))
    pets: Mapped[List["Pet"]] = relationship(back_populates="owner", cascade="all, delete-orphan")
    badge: Mapped[Optional["Badge"]] = relationship(back_populates="owner")

class Pet(Owned, Base):
    __tablename__ = "pets"
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "pet"}
    id: Mapped[pk]
    kind: Mapped[str] = mapped_column(String(10))
    owner: Mapped[Owner] = relationship(back_populates="pets")

class Dog(Pet):
    __tablename__ = "dogs"
    __mapper_args__ = {"polymorphic_identity": "dog"}
    id: Mapped[int] = mapped_column(ForeignKey("pets.id"), primary_key=True)
    barks: Mapped[bool]

class Cat(Pet):
    __mapper_args__ = {"polymorphic_identity": "cat"}
    lives: Mapped[int | None]

class Badge(Base):
    __tablename__ = "badges"
    id: Mapped[pk]
    owner_id: Mapped[int] = mapped_column(ForeignKey(Owner.id))
    owner: Mapped["Owner"] = relationship(back_populates="badge")
"""

IMPERATIVE = """
mapper_registry = registry()
metadata = mapper_registry.metadata
orders = Table("orders", metadata, Column("id", Integer, primary_key=True), Column("ref", String))
lines = Table(
    "lines", metadata, Column("id", Integer, primary_key=True), Column("sku", String),
    Column("order_id", Integer), ForeignKeyConstraint(["order_id"], ["orders.id"]),
)

class Order: ...
class Line: ...

mapper_registry.map_imperatively(Line, lines)
mapper_registry.map_imperatively(
    Order, orders, properties={"lines": relationship(Line, backref="order")}
)

@mapper_registry.mapped
class Note:
    __table__ = Table("notes", metadata, Column("id", Integer, primary_key=True))
"""

PROGRAMS = {"legacy": LEGACY, "modern": MODERN, "imperative": IMPERATIVE}


def models(source: str, **more: str) -> Models:
    return linked(m=IMPORTS + textwrap.dedent(source), **more).models


def mapped(source: str, name: str) -> dict[str, object]:
    """The classes of a program, by SQLAlchemy's own mapper."""
    module = types.ModuleType(name)
    sys.modules[name] = module
    try:
        exec(compile(IMPORTS + source, name, "exec"), module.__dict__)
        configure_mappers()
    finally:
        del sys.modules[name]
    return {k: v for k, v in vars(module).items() if hasattr(v, "__mapper__")}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_model_has_what_the_mapper_has(name: str) -> None:
    found = models(PROGRAMS[name])
    classes = mapped(PROGRAMS[name], f"mapped_{name}")
    assert {label.partition(":")[2] for label in found.models} == set(classes)
    for class_name, cls in classes.items():
        mapper = cls.__mapper__  # type: ignore[attr-defined]
        model = found.models[f"m:{class_name}"]
        attributes = found.attributes(model)
        assert found.exhaustive(model)
        table = found.table_of(model)
        assert table is not None
        assert table.name == mapper.local_table.name
        assert {c.db_name for c in table.columns} == set(mapper.local_table.c.keys())
        keys = {c.db_name for c in table.columns if c.primary_key}
        assert keys == {c.name for c in mapper.local_table.primary_key}
        ours = {n for n, a in attributes.items() if a.role in ("column", "expression")}
        assert ours == set(mapper.column_attrs.keys())
        theirs = {
            key: (r.mapper.class_.__name__, r.direction.name, r.uselist, r.lazy)
            for key, r in mapper.relationships.items()
        }
        mine = {}
        for key, one in attributes.items():
            relation = found.relation(model, key)
            if relation is not None and one.relationship is not None:
                direction = relation.direction.replace("-", "").upper()
                target = relation.target.name if relation.target else None
                mine[key] = (target, direction, relation.many, one.relationship.lazy)
        assert mine == theirs
        for key in ("synonym", "hybrid", "proxy"):
            for attribute, one in attributes.items():
                if one.role == key:
                    assert attribute in mapper.all_orm_descriptors


def test_columns_keep_their_types_and_arguments() -> None:
    found = models(
        LEGACY + "\nclass X(Base):\n    __tablename__ = 'x'\n    id = Column(BigInteger)"
    )
    login = found.columns_of(found.models["m:User"])["login"]
    assert login.db_name == "user_name"
    assert login.type is not None
    assert login.type.name == "String"
    assert [a.const for a in login.type.args] == [50]
    assert login.nullable is False
    assert login.unique is True
    created = found.columns_of(found.models["m:Post"])["created"]
    assert created.default is not None
    assert created.default.name == "datetime.datetime.now"


def test_a_mutable_type_is_tracked() -> None:
    found = models(MODERN)
    data = found.columns_of(found.models["m:Owner"])["data"]
    assert data.type is not None
    assert data.type.name == "JSON"
    assert data.type.mutable


def test_an_annotation_says_whether_a_column_is_nullable() -> None:
    columns = models(MODERN).columns_of(models(MODERN).models["m:Owner"])
    assert columns["name"].nullable is True
    assert columns["id"].primary_key is True


def test_a_base_that_nobody_knows_leaves_a_model_open() -> None:
    found = models(
        """
        from somewhere import Common
        class Base(DeclarativeBase): pass
        class User(Common, Base):
            __tablename__ = "users"
            id = Column(Integer, primary_key=True)
        """
    )
    assert not found.exhaustive(found.models["m:User"])
    assert found.tables_named("users")[0].open


def test_a_base_from_elsewhere_may_have_models_elsewhere() -> None:
    found = models(
        """
        from library import Model
        class User(Model):
            __tablename__ = "users"
            id = Column(Integer, primary_key=True)
            roles = relationship("Role")
        """
    )
    assert not found.base_known(found.models["m:User"].base)


def test_strings_find_classes_of_the_same_base_across_modules() -> None:
    found = linked(
        app__init="",
        app__db="from sqlalchemy.orm import declarative_base\nBase = declarative_base()",
        app__users="""
            from sqlalchemy import Column, Integer
            from sqlalchemy.orm import relationship
            from app.db import Base
            class User(Base):
                __tablename__ = "users"
                id = Column(Integer, primary_key=True)
                posts = relationship("app.posts.Post", back_populates="user")
            """,
        app__posts="""
            import sqlalchemy as sa
            from sqlalchemy import orm
            from . import db
            class Post(db.Base):
                __tablename__ = "posts"
                id = sa.Column(sa.Integer, primary_key=True)
                user_id = sa.Column(sa.ForeignKey("users.id"))
                user = orm.relationship("User", back_populates="posts")
            """,
    ).models
    user, post = found.models["app.users:User"], found.models["app.posts:Post"]
    assert user.base == post.base == "app.db:Base"
    relation = found.relation(user, "posts")
    assert relation is not None
    assert relation.target is post
    assert relation.direction == "one-to-many"
    assert relation.reverse == "user"


def test_flask_sqlalchemy_names_tables_itself() -> None:
    found = linked(
        m="""
        from flask_sqlalchemy import SQLAlchemy
        db = SQLAlchemy()
        class BlogPost(db.Model):
            id = db.Column(db.Integer, primary_key=True)
            author_id = db.Column(db.Integer, db.ForeignKey("user.id"))
            author = db.relationship("User", backref=db.backref("posts", lazy="dynamic"))
        class User(db.Model):
            id = db.Column(db.Integer, primary_key=True)
        """
    ).models
    post, user = found.models["m:BlogPost"], found.models["m:User"]
    assert post.table is not None
    assert post.table.name == "blog_post"
    relation = found.relation(post, "author")
    assert relation is not None
    assert relation.direction == "many-to-one"
    posts = found.attribute(user, "posts")
    assert posts is not None
    assert posts.relationship is not None
    assert posts.relationship.lazy == "dynamic"
    reverse = found.relation(user, "posts")
    assert reverse is not None
    assert reverse.direction == "one-to-many"
    assert reverse.many


def test_sqlmodel_tables_have_fields_and_relationships() -> None:
    found = linked(
        m="""
        from typing import List, Optional
        from sqlmodel import Field, Relationship, SQLModel
        class HeroBase(SQLModel):
            name: str = Field(index=True)
            team_id: Optional[int] = Field(default=None, foreign_key="team.id")
        class Hero(HeroBase, table=True):
            id: Optional[int] = Field(default=None, primary_key=True)
            team: Optional["Team"] = Relationship(back_populates="heroes")
        class Team(SQLModel, table=True):
            id: Optional[int] = Field(default=None, primary_key=True)
            motto: str
            heroes: List[Hero] = Relationship(back_populates="team")
        class HeroRead(HeroBase):
            id: int
        """
    ).models
    assert set(found.models) == {"m:Hero", "m:Team"}
    hero, team = found.models["m:Hero"], found.models["m:Team"]
    assert set(found.columns_of(hero)) == {"id", "name", "team_id"}
    assert set(found.columns_of(team)) == {"id", "motto"}
    relation = found.relation(hero, "team")
    assert relation is not None
    assert relation.target is team
    assert relation.direction == "many-to-one"
    assert relation.many is False
    assert found.attribute(hero, "heroes") is None
    assert found.exhaustive(hero)


def test_a_project_without_models_has_none() -> None:
    assert models("x = 1").models == {}


def test_reflected_tables_are_open() -> None:
    found = models(
        """
        class Base(DeclarativeBase): pass
        class Old(Base):
            __table__ = Table("old", Base.metadata, autoload_with=engine)
        """
    )
    assert not found.exhaustive(found.models["m:Old"])
