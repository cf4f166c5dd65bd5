from typing import Optional

from sqlalchemy import ForeignKey, String
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Member(Base):
    __tablename__ = "members"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    is_staff: Mapped[bool] = mapped_column(default=False)
    suspended: Mapped[bool] = mapped_column(default=False)


class Recipe(Base):
    __tablename__ = "recipes"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    owner_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    visibility: Mapped[str] = mapped_column(String(10), default="private")
    draft_note: Mapped[Optional[str]] = mapped_column(String(200))

    @hybrid_property
    def listed(self):
        return self.visibility == "public" and not self.draft_note

    @listed.inplace.expression
    @classmethod
    def _listed(cls):
        return (cls.visibility == "public") & cls.draft_note.is_(None)
