import datetime as dt
from typing import Optional

from sqlalchemy import String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Rental(Base):
    __tablename__ = "rentals"

    id: Mapped[int] = mapped_column(primary_key=True)
    bike: Mapped[str] = mapped_column(String(20), index=True)
    rider: Mapped[Optional[str]] = mapped_column(String(60))
    started_at: Mapped[dt.datetime]
    ended_at: Mapped[Optional[dt.datetime]]
    insured: Mapped[Optional[bool]]

    @hybrid_property
    def running(self) -> bool:
        return self.ended_at is None

    @running.inplace.expression
    @classmethod
    def _running(cls):
        return cls.ended_at.is_(None)


class Rentals:
    def __init__(self, session: AsyncSession):
        self.session = session

    async def running(self, bike: Optional[str] = None):
        stmt = select(Rental).where(Rental.running, Rental.rider.is_not(None))
        if bike is not None:
            stmt = stmt.where(Rental.bike == bike)
        return (await self.session.scalars(stmt.order_by(Rental.id))).all()

    async def uninsured(self) -> list[str]:
        rentals = await self.running()
        return [rental.bike for rental in rentals if rental.insured is not True]

    async def finish(self, rental_id: int, now: dt.datetime) -> bool:
        rental = await self.session.get(Rental, rental_id)
        if rental is None or rental.ended_at is not None:
            return False
        if rental.rider is None:
            raise ValueError("a rental without a rider")
        rental.ended_at = now
        await self.session.commit()
        return True
