import asyncio
import os

from sqlalchemy import ForeignKey, String, func, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Grower(Base):
    __tablename__ = "growers"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    region: Mapped[str] = mapped_column(String(40), index=True)
    deliveries: Mapped[list["Delivery"]] = relationship(back_populates="grower")


class Delivery(Base):
    __tablename__ = "deliveries"

    id: Mapped[int] = mapped_column(primary_key=True)
    grower_id: Mapped[int] = mapped_column(ForeignKey("growers.id"), index=True)
    kilos: Mapped[int]
    grower: Mapped[Grower] = relationship(back_populates="deliveries")


async def kilos_of_region(session, region: str) -> int:
    stmt = select(func.coalesce(func.sum(Delivery.kilos), 0))  # BAD
    stmt = stmt.where(Grower.region == region)  # BAD
    return (await session.execute(stmt)).scalar_one()  # BAD


async def kilos_per_grower(session) -> dict[str, int]:
    stmt = (
        select(Grower.name, func.sum(Delivery.kilos))
        .join(Grower.deliveries)
        .group_by(Grower.id, Grower.name)
    )
    return {name: kilos for name, kilos in await session.execute(stmt)}


async def main():
    engine = create_async_engine(os.environ["HARVEST_URL"])
    sessions = async_sessionmaker(engine)
    async with sessions() as session:
        print(await kilos_of_region(session, "valley"))
        print(await kilos_per_grower(session))
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
