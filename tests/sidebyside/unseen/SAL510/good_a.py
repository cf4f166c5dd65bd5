import asyncio
import os

from sqlalchemy import ForeignKey, String, func, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, aliased, mapped_column


class Base(DeclarativeBase):
    pass


class Vessel(Base):
    __tablename__ = "vessels"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    port: Mapped[str] = mapped_column(String(40), index=True)
    flagship_id: Mapped[int | None] = mapped_column(ForeignKey("vessels.id"))


class Catch(Base):
    __tablename__ = "catches"

    id: Mapped[int] = mapped_column(primary_key=True)
    vessel_id: Mapped[int] = mapped_column(ForeignKey("vessels.id"), index=True)
    kilos: Mapped[int]


async def kilos_of_port(session, port: str) -> int:
    stmt = select(func.coalesce(func.sum(Catch.kilos), 0))
    stmt = stmt.where(Vessel.port == port, Catch.vessel_id == Vessel.id)
    return (await session.execute(stmt)).scalar_one()


async def idle(session) -> list[str]:
    caught = select(Catch.id).where(Catch.vessel_id == Vessel.id).exists()
    stmt = select(Vessel.name).where(~caught).order_by(Vessel.name)
    return list(await session.scalars(stmt))


async def best(session) -> list[tuple[str, str | None, int]]:
    flagship = aliased(Vessel)
    total = (
        select(func.sum(Catch.kilos))
        .where(Catch.vessel_id == Vessel.id)
        .scalar_subquery()
    )
    stmt = (
        select(Vessel.name, flagship.name, total.label("kilos"))
        .outerjoin(flagship, Vessel.flagship_id == flagship.id)
        .where(total > 0)
        .order_by(total.desc(), Vessel.name)
    )
    return [tuple(row) for row in await session.execute(stmt)]


async def main():
    engine = create_async_engine(os.environ["FLEET_URL"])
    async with async_sessionmaker(engine)() as session:
        print(await kilos_of_port(session, "Wismar"), await idle(session))
        print(await best(session))
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
