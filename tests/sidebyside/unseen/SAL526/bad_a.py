import datetime as dt

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Car(Base):
    __tablename__ = "cars"

    id: Mapped[int] = mapped_column(primary_key=True)
    plate: Mapped[str] = mapped_column(String(12), unique=True)
    trips: Mapped[list["Trip"]] = relationship(back_populates="car")


class Trip(Base):
    __tablename__ = "trips"

    id: Mapped[int] = mapped_column(primary_key=True)
    car_id: Mapped[int] = mapped_column(ForeignKey("cars.id"), index=True)
    starts_at: Mapped[dt.datetime]
    ends_at: Mapped[dt.datetime]
    car: Mapped[Car] = relationship(back_populates="trips")


class Fleet:
    def __init__(self, session: Session):
        self.session = session

    def _clashes(self, car: Car, start: dt.datetime, end: dt.datetime):
        stmt = select(Trip.id).where(
            Trip.car_id == car.id, Trip.starts_at < end, Trip.ends_at > start
        )
        return self.session.scalars(stmt.order_by(Trip.id))

    def book(self, plate: str, start: dt.datetime, end: dt.datetime) -> bool:
        if end <= start:
            raise ValueError("a trip ends after it starts")
        stmt = select(Car).where(Car.plate == plate).with_for_update()
        car = self.session.scalars(stmt).one()
        if self._clashes(car, start, end):  # BAD
            return False
        self.session.add(Trip(car=car, starts_at=start, ends_at=end))
        self.session.commit()
        return True
