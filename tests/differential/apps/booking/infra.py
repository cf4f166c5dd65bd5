from __future__ import annotations

from typing import Generic, TypeVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import selectinload

from booking.domain import Base, Booking, Guest, Room

engine = create_async_engine("postgresql+asyncpg://localhost/booking")
factory = async_sessionmaker(engine)

T = TypeVar("T", bound=Base)


class Repository(Generic[T]):
    model: type[T]

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def get(self, key: int) -> T | None:
        return await self.session.get(self.model, key)

    def add(self, entity: T) -> None:
        self.session.add(entity)


class RoomRepository(Repository[Room]):
    model = Room

    async def by_name(self, name: str) -> Room | None:
        return await self.session.scalar(select(Room).where(Room.name == name))

    async def with_bookings(self, name: str) -> Room:
        stmt = select(Room).where(Room.name == name).options(selectinload(Room.bookings))
        return (await self.session.execute(stmt)).scalar_one()

    async def all(self) -> list[Room]:
        return list((await self.session.scalars(select(Room))).all())


class BookingRepository(Repository[Booking]):
    model = Booking

    async def list(self) -> list[Booking]:
        stmt = select(Booking).options(selectinload(Booking.guest), selectinload(Booking.room))
        return list((await self.session.scalars(stmt)).all())

    async def plain(self) -> list[Booking]:
        return list((await self.session.scalars(select(Booking))).all())


class UnitOfWork:
    rooms: RoomRepository
    bookings: BookingRepository

    async def __aenter__(self) -> UnitOfWork:
        self.session = factory()
        self.rooms = RoomRepository(self.session)
        self.bookings = BookingRepository(self.session)
        return self

    async def __aexit__(self, *args: object) -> None:
        await self.session.rollback()
        await self.session.close()

    async def commit(self) -> None:
        await self.session.commit()
