import datetime as dt

from sqlalchemy import ForeignKey, String, exists, select, update
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Boat(Base):
    __tablename__ = "boats"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    docked: Mapped[bool] = mapped_column(default=True)
    charters: Mapped[list["Charter"]] = relationship(back_populates="boat")


class Charter(Base):
    __tablename__ = "charters"

    id: Mapped[int] = mapped_column(primary_key=True)
    boat_id: Mapped[int] = mapped_column(ForeignKey("boats.id"), index=True)
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime]
    boat: Mapped[Boat] = relationship(back_populates="charters")


class Harbour:
    def __init__(self, session: Session):
        self.session = session

    def _clash(self, boat: Boat, start: dt.datetime, end: dt.datetime) -> bool:
        clash = exists().where(
            Charter.boat_id == boat.id,
            Charter.starts_at < end,
            Charter.ends_at > start,
        )
        return self.session.execute(select(clash)).scalar_one()

    def book(self, name: str, start: dt.datetime, end: dt.datetime) -> bool:
        stmt = select(Boat).where(Boat.name == name).with_for_update()
        boat = self.session.scalars(stmt).first()
        if not boat or self._clash(boat, start, end):
            return False
        self.session.add(Charter(boat=boat, starts_at=start, ends_at=end))
        self.session.commit()
        return True

    def undock(self, name: str) -> bool:
        stmt = update(Boat).where(Boat.name == name, Boat.docked).values(docked=False)
        result = self.session.execute(stmt)
        self.session.commit()
        return bool(result.rowcount)

    def docked(self) -> list[str]:
        stmt = select(Boat.name).where(Boat.docked).order_by(Boat.name)
        names = self.session.scalars(stmt).all()
        if not names:
            return ["(empty)"]
        return list(names)
