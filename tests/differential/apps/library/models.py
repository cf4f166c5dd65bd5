from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, String, Text, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from library.database import Base


class Author(Base):
    __tablename__ = "authors"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))

    books: Mapped[list[Book]] = relationship(back_populates="author")


class Book(Base):
    __tablename__ = "books"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(100))
    year: Mapped[int]
    summary: Mapped[str] = mapped_column(Text, default="", deferred=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))

    author: Mapped[Author] = relationship(back_populates="books")
    copies: Mapped[list[Copy]] = relationship(back_populates="book")

    @property
    def available(self) -> int:
        return sum(not copy.lent for copy in self.copies)


class Copy(Base):
    __tablename__ = "copies"

    id: Mapped[int] = mapped_column(primary_key=True)
    barcode: Mapped[str] = mapped_column(String(20))
    lent: Mapped[bool] = mapped_column(default=False)
    book_id: Mapped[int] = mapped_column(ForeignKey("books.id"))

    book: Mapped[Book] = relationship(back_populates="copies", lazy="joined")


class Member(Base):
    __tablename__ = "members"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    email: Mapped[str] = mapped_column(String(80))

    loans: Mapped[list[Loan]] = relationship(back_populates="member")


class Loan(Base):
    __tablename__ = "loans"

    id: Mapped[int] = mapped_column(primary_key=True)
    since: Mapped[date] = mapped_column(server_default=func.current_date())
    due: Mapped[date]
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    copy_id: Mapped[int] = mapped_column(ForeignKey("copies.id"))

    member: Mapped[Member] = relationship(back_populates="loans")
    copy: Mapped[Copy] = relationship()
