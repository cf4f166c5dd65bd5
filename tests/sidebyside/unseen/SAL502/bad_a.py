import datetime as dt
from typing import Optional

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Desk(Base):
    __tablename__ = "desks"

    id: Mapped[int] = mapped_column(primary_key=True)
    label: Mapped[str] = mapped_column(String(20), unique=True)


class Booking(Base):
    __tablename__ = "bookings"

    id: Mapped[int] = mapped_column(primary_key=True)
    desk_id: Mapped[int] = mapped_column(ForeignKey("desks.id"), index=True)
    person: Mapped[str] = mapped_column(String(60))
    day: Mapped[dt.date]
    cancelled_at: Mapped[Optional[dt.datetime]]


class Bookings:
    def __init__(self, session: AsyncSession):
        self.session = session

    async def of_day(self, day: dt.date, person: Optional[str] = None):
        wanted = [
            Booking.day == day,
            Booking.cancelled_at is None,  # BAD
        ]
        if person is not None:
            wanted.append(Booking.person == person)
        stmt = (
            select(Desk.label, Booking.person)
            .join(Booking, Booking.desk_id == Desk.id)
            .where(*wanted)
            .order_by(Desk.label)
        )
        return (await self.session.execute(stmt)).all()

    async def cancel(self, booking_id: int, now: dt.datetime) -> bool:
        booking = await self.session.get(Booking, booking_id)
        if booking is None or booking.cancelled_at is not None:
            return False
        booking.cancelled_at = now
        await self.session.commit()
        return True
