import datetime as dt
from typing import Optional

from sqlalchemy import String, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Request(Base):
    __tablename__ = "requests"

    id: Mapped[int] = mapped_column(primary_key=True)
    office: Mapped[str] = mapped_column(String(40), index=True)
    subject: Mapped[str]
    received_at: Mapped[dt.datetime]
    answered_at: Mapped[Optional[dt.datetime]]


class Figures:
    TALLY = select(func.count().label("n"))

    def __init__(self, session: AsyncSession):
        self.session = session

    async def total(self) -> int:
        stmt = self.TALLY.select_from(Request)
        return (await self.session.execute(stmt)).scalar_one()

    async def unanswered(self) -> int:
        stmt = self.TALLY.where(Request.answered_at.is_(None))
        return (await self.session.execute(stmt)).scalar_one()

    async def offices(self) -> int:
        inner = select(Request.office).distinct().subquery()
        stmt = select(func.count()).select_from(inner)
        return await self.session.scalar(stmt)

    async def newest(self) -> tuple[int, Optional[dt.datetime]]:
        stmt = select(func.count(), func.max(Request.received_at))
        count, latest = (await self.session.execute(stmt)).one()
        return count, latest

    async def clock(self) -> str:
        return await self.session.scalar(select(func.current_timestamp()))
