from typing import List, Optional

from sqlalchemy import ForeignKey, String, func, insert, select
from sqlalchemy.ext.associationproxy import AssociationProxy, association_proxy
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    aliased,
    column_property,
    composite,
    declared_attr,
    joinedload,
    mapped_column,
    relationship,
    synonym,
)


class Base(DeclarativeBase):
    pass


class OwnedMixin:
    @declared_attr
    def owner_id(cls) -> Mapped[int]:
        return mapped_column(ForeignKey("users.id"))

    @declared_attr
    def owner(cls) -> Mapped["User"]:
        return relationship("User", backref=cls.__tablename__)


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column("user_name", String(40))
    first: Mapped[Optional[str]] = mapped_column(String(40))
    last: Mapped[Optional[str]] = mapped_column(String(40))
    full_name: Mapped[str] = column_property(first + " " + last)
    username = synonym("login")

    @hybrid_property
    def initials(self):
        return self.first[0] + self.last[0]

    @initials.expression
    def initials(cls):
        return func.substr(cls.first, 1, 1) + func.substr(cls.last, 1, 1)


class Photo(OwnedMixin, Base):
    __tablename__ = "photos"

    id: Mapped[int] = mapped_column(primary_key=True)
    path: Mapped[str]
    owner_login: AssociationProxy[str] = association_proxy("owner", "login")


User.photo_count = column_property(
    select(func.count(Photo.id)).where(Photo.owner_id == User.id).correlate_except(Photo).scalar_subquery()
)


def report(session: Session) -> None:
    owner = aliased(User)
    session.scalars(select(User).filter_by(username="ann").order_by(User.full_name)).all()
    session.scalars(select(User).where(User.initials == "AB").options(joinedload(User.photos)))
    session.execute(select(Photo.path, owner.photo_count).join(owner, Photo.owner))
    session.scalars(select(User).join(User.photos).filter_by(path="a.png"))
    session.scalars(select(Photo).where(Photo.owner_login == "ann"))
    session.execute(insert(User).values(login="bob", first="B"))
    session.add(Photo(path="b.png", owner=User(username="eve")))
    print(User.__table__.c.user_name, User.__mapper__.attrs.keys(), User.metadata)
