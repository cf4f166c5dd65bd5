import datetime as dt

from sqlalchemy import ForeignKey, String, and_, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Court(Base):
    __tablename__ = "courts"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    opens: Mapped[int] = mapped_column(default=8)
    closes: Mapped[int] = mapped_column(default=22)
    slots: Mapped[list["Slot"]] = relationship(
        back_populates="court", lazy="selectin", order_by="Slot.hour"
    )

    def is_open(self, hour: int) -> bool:
        return self.opens <= hour < self.closes


class Slot(Base):
    __tablename__ = "slots"

    id: Mapped[int] = mapped_column(primary_key=True)
    court_id: Mapped[int] = mapped_column(ForeignKey("courts.id"), index=True)
    day: Mapped[dt.date]
    hour: Mapped[int]
    court: Mapped[Court] = relationship(back_populates="slots")


class Planner:
    def __init__(self, session: Session):
        self.session = session

    def taken(self, day: dt.date, first: int, last: int) -> list[Slot]:
        if not 0 <= first <= last <= 24:
            raise ValueError("hours run from 0 to 24")
        stmt = (
            select(Slot)
            .join(Slot.court)
            .where(
                Slot.day == day,
                Slot.hour.between(first, last),
                and_(Court.opens <= Slot.hour, Slot.hour < Court.closes),
            )
            .order_by(Slot.hour, Slot.id)
        )
        return list(self.session.scalars(stmt))

    def evening(self, court_id: int) -> list[int]:
        court = self.session.get_one(Court, court_id)
        return [
            slot.hour
            for slot in court.slots
            if 17 <= slot.hour < court.closes
        ]
