from __future__ import annotations

from typing import List, Optional

from sqlalchemy import ForeignKey
from sqlalchemy.ext.asyncio import AsyncAttrs
from sqlalchemy.ext.associationproxy import AssociationProxy, association_proxy
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedAsDataclass, mapped_column, relationship


class Base(AsyncAttrs, DeclarativeBase):
    pass


class Member(Base):
    __tablename__ = "member"
    id: Mapped[int] = mapped_column(primary_key=True)
    nick: Mapped[str]
    roles: Mapped[List[Role]] = relationship(lazy="joined")
    messages: Mapped[List[Message]] = relationship(back_populates="author", lazy="raise")
    settings: Mapped[Optional[Settings]] = relationship(back_populates="member")
    role_names: AssociationProxy[List[str]] = association_proxy("roles", "name")


class Role(Base):
    __tablename__ = "role"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))


class Settings(Base):
    __tablename__ = "settings"
    id: Mapped[int] = mapped_column(primary_key=True)
    theme: Mapped[str]
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    member: Mapped[Member] = relationship(back_populates="settings")


class Message(Base):
    __tablename__ = "message"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("member.id"))
    parent_id: Mapped[Optional[int]] = mapped_column(ForeignKey("message.id"))
    author: Mapped[Member] = relationship(back_populates="messages", lazy="joined")
    parent: Mapped[Optional[Message]] = relationship(
        back_populates="replies", remote_side="Message.id"
    )
    replies: Mapped[List[Message]] = relationship(back_populates="parent")
