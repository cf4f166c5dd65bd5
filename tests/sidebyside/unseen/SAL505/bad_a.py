import datetime as dt

from sqlalchemy import ForeignKey, String, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Room(Base):
    __tablename__ = "rooms"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    seats: Mapped[int]
    events: Mapped[list["Event"]] = relationship(back_populates="room")


class Event(Base):
    __tablename__ = "events"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(80))
    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id"), index=True)
    starts_at: Mapped[dt.datetime]
    room: Mapped[Room] = relationship(back_populates="events")


def week_of(day: dt.date):
    first = dt.datetime.combine(day - dt.timedelta(days=day.weekday()), dt.time())
    return first, first + dt.timedelta(days=7)


def load_per_room(session: Session, day: dt.date, least: int = 1):
    if not 1 <= least <= 500:
        raise ValueError("least must be between 1 and 500")
    begin, end = week_of(day)
    stmt = (
        select(Room.name, func.count(Event.id))
        .join(Room.events)
        .where(
            Room.seats >= least,
            begin <= Event.starts_at < end,  # BAD
        )
        .group_by(Room.name)
        .order_by(Room.name)
    )
    return dict(session.execute(stmt).tuples().all())
