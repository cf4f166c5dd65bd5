import datetime as dt
from typing import Optional

from sqlalchemy import ForeignKey, Text, func
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Team(Base):
    __tablename__ = "teams"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    clerks: Mapped[list["Clerk"]] = relationship(back_populates="team")


class Clerk(Base):
    __tablename__ = "clerks"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id"))
    team: Mapped["Team"] = relationship(back_populates="clerks")
    tickets: Mapped[list["Ticket"]] = relationship(back_populates="clerk")


class Ticket(Base):
    __tablename__ = "tickets"
    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str]
    body: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(default="open")
    created: Mapped[dt.datetime] = mapped_column(server_default=func.now())
    changed: Mapped[Optional[dt.datetime]] = mapped_column(onupdate=func.now())
    clerk_id: Mapped[Optional[int]] = mapped_column(ForeignKey("clerks.id"))
    clerk: Mapped[Optional["Clerk"]] = relationship(back_populates="tickets")
    comments: Mapped[list["Comment"]] = relationship(back_populates="ticket", lazy="selectin")
    labels: Mapped[list["Label"]] = relationship()

    def as_row(self) -> dict:
        return {"id": self.id, "subject": self.subject, "comments": len(self.comments)}

    def as_card(self) -> dict:
        return {**self.as_row(), "labels": [label.word for label in self.labels]}


class Comment(Base):
    __tablename__ = "comments"
    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    ticket: Mapped["Ticket"] = relationship(back_populates="comments")
    author_id: Mapped[Optional[int]] = mapped_column(ForeignKey("clerks.id"))
    author: Mapped[Optional["Clerk"]] = relationship()


class Label(Base):
    __tablename__ = "labels"
    id: Mapped[int] = mapped_column(primary_key=True)
    word: Mapped[str]
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
