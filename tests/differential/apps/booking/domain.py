from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Room(Base):
    __tablename__ = "rooms"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    bookings: Mapped[list[Booking]] = relationship(back_populates="room")

    def is_free(self, day: dt.date) -> bool:
        return all(booking.day != day for booking in self.bookings)


class Guest(Base):
    __tablename__ = "guests"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    bookings: Mapped[list[Booking]] = relationship(back_populates="guest")


class Booking(Base):
    __tablename__ = "bookings"
    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[dt.date]
    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id"))
    guest_id: Mapped[int] = mapped_column(ForeignKey("guests.id"))
    room: Mapped[Room] = relationship(back_populates="bookings")
    guest: Mapped[Guest] = relationship(back_populates="bookings")

    def summary(self) -> str:
        return f"{self.guest.name} in {self.room.name}"
