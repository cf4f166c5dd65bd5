import datetime as dt

from sqlalchemy import ForeignKey, String, delete, func, insert, select, update
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class Device(Base):
    __tablename__ = "devices"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    lost: Mapped[bool] = mapped_column(default=False)


class Ping(Base):
    __tablename__ = "pings"

    id: Mapped[int] = mapped_column(primary_key=True)
    device_id: Mapped[int] = mapped_column(ForeignKey("devices.id"), index=True)
    seen_at: Mapped[dt.datetime]


class Audit(Base):
    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    note: Mapped[str] = mapped_column(String(200))


def last_seen():
    return (
        select(Ping.device_id, func.max(Ping.seen_at).label("seen_at"))
        .group_by(Ping.device_id)
        .cte("last_seen")
    )


def steps(before: dt.datetime):
    seen = last_seen()
    silent = select(seen.c.device_id).where(seen.c.seen_at < before)
    yield update(Device).where(Device.id.in_(silent)).values(lost=True)
    yield delete(Ping).where(Ping.seen_at < before - dt.timedelta(days=365))
    note = f"sweep before {before:%Y-%m-%d}"
    yield insert(Audit).values(note=note)


def sweep(session: Session, before: dt.datetime) -> int:
    work = list(steps(before))
    forget = delete(Device).where(
        Device.lost.is_(True),
        ~select(Ping.id).where(Ping.device_id == Device.id).exists(),
    )
    work.append(forget)
    touched = 0
    for stmt in work:
        touched += session.execute(
            stmt, execution_options={"synchronize_session": False}
        ).rowcount
    session.commit()
    return touched
