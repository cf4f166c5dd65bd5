from dataclasses import dataclass

from celery import Celery
from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from courier.store import Driver, Parcel, Scan, session_scope

app = Celery("courier", broker="memory://", backend="cache+memory://")


@dataclass
class Delivery:
    parcel: Parcel
    text: str = ""


@app.task
def deliver(code: str) -> str:
    with session_scope() as session:
        parcel = session.scalars(select(Parcel).where(Parcel.code == code)).one()
        parcel.state = "delivered"
    return parcel.code


@app.task
def deliver_told(code: str) -> str:
    with session_scope() as session:
        parcel = session.scalars(select(Parcel).where(Parcel.code == code)).one()
        parcel.state = "delivered"
        return parcel.code


@app.task(bind=True, max_retries=3)
def routes(self) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    with session_scope() as session:
        for driver in session.scalars(select(Driver).order_by(Driver.name)):
            found[driver.name] = [parcel.code for parcel in driver.parcels]
    return found


@app.task
def manifest() -> list[str]:
    with session_scope() as session:
        parcels = session.scalars(select(Parcel).options(joinedload(Parcel.driver)))
        return [f"{parcel.code} with {parcel.driver.name}" for parcel in parcels]


def next_delivery() -> Delivery:
    with session_scope() as session:
        parcel = session.scalars(select(Parcel).order_by(Parcel.id)).first()
        session.expunge(parcel)
    return Delivery(parcel, "next")


@app.task
def announce() -> str:
    delivery = next_delivery()
    return f"{delivery.text}: {delivery.parcel.code}"


@app.task
def announce_driver() -> str:
    delivery = next_delivery()
    return f"{delivery.text}: {delivery.parcel.driver.name}"


@app.task
def close_all(codes: list[str]) -> int:
    with session_scope() as session:
        for code in codes:
            session.execute(update(Parcel).where(Parcel.code == code).values(state="closed"))
    return len(codes)


@app.task
def close_at_once(codes: list[str]) -> int:
    with session_scope() as session:
        done = session.execute(
            update(Parcel).where(Parcel.code.in_(codes)).values(state="closed")
        )
        return done.rowcount


def driver_of(session, code: str) -> Driver:
    return session.scalars(select(Parcel).where(Parcel.code == code)).one().driver


@app.task
def drivers(codes: list[str]) -> list[str]:
    with session_scope() as session:
        return [driver_of(session, code).name for code in codes]


@app.task
def scanned(code: str, places: list[str]) -> int:
    with session_scope() as session:
        parcel = session.scalars(select(Parcel).where(Parcel.code == code)).one()
        for place in places:
            session.add(Scan(place=place, parcel=parcel))
        session.flush()
        return len(parcel.scans)
