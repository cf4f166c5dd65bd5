import datetime as dt
from typing import Optional

from sqlalchemy import String, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Complaint(Base):
    __tablename__ = "complaints"

    id: Mapped[int] = mapped_column(primary_key=True)
    office: Mapped[str] = mapped_column(String(40), index=True)
    text: Mapped[str]
    received_at: Mapped[dt.datetime]
    answered_at: Mapped[Optional[dt.datetime]]


class Figures:
    TALLY = select(func.count().label("n"))

    def __init__(self, session: AsyncSession):
        self.session = session

    async def total(self) -> int:
        return (await self.session.execute(self.TALLY)).scalar_one()  # BAD

    async def unanswered(self) -> int:
        stmt = self.TALLY.where(Complaint.answered_at.is_(None))
        return (await self.session.execute(stmt)).scalar_one()

    async def per_office(self) -> dict[str, int]:
        stmt = (
            select(Complaint.office, func.count())
            .group_by(Complaint.office)
            .order_by(Complaint.office)
        )
        return {office: n for office, n in await self.session.execute(stmt)}

    async def summary(self) -> str:
        total, waiting = await self.total(), await self.unanswered()
        return f"{waiting} of {total} complaints wait for an answer"
