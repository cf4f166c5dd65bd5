import datetime as dt

from booking.domain import Booking, Guest, Room
from booking.infra import UnitOfWork


async def book(room_name: str, guest_id: int, day: dt.date) -> int:
    async with UnitOfWork() as uow:
        room = await uow.rooms.with_bookings(room_name)
        if not room.is_free(day):
            raise ValueError("taken")
        booking = Booking(room_id=room.id, guest_id=guest_id, day=day)
        uow.bookings.add(booking)
        await uow.commit()
        return 1


async def is_free(room_name: str, day: dt.date) -> bool:
    async with UnitOfWork() as uow:
        room = await uow.rooms.by_name(room_name)
        assert room is not None
        return room.is_free(day)


async def summaries() -> list[str]:
    async with UnitOfWork() as uow:
        return [booking.summary() for booking in await uow.bookings.list()]


async def summaries_lazy() -> list[str]:
    async with UnitOfWork() as uow:
        bookings = await uow.bookings.plain()
        return [booking.summary() for booking in bookings]


async def room_name(room_id: int) -> str:
    async with UnitOfWork() as uow:
        room = await uow.rooms.get(room_id)
        assert room is not None
        return room.name


async def room_after(room_name: str) -> str:
    async with UnitOfWork() as uow:
        room = await uow.rooms.by_name(room_name)
    assert room is not None
    return room.name


async def book_and_tell(room_name: str, guest_id: int, day: dt.date) -> str:
    async with UnitOfWork() as uow:
        room = await uow.rooms.by_name(room_name)
        assert room is not None
        booking = Booking(room=room, guest_id=guest_id, day=day)
        uow.bookings.add(booking)
        await uow.commit()
        return f"{booking.day} is booked"


async def free_rooms(day: dt.date) -> list[str]:
    async with UnitOfWork() as uow:
        return [room.name for room in await uow.rooms.all() if room.is_free(day)]


async def names() -> list[str]:
    async with UnitOfWork() as uow:
        rooms = await uow.rooms.all()
        return sorted(room.name for room in rooms)


async def guest_of(booking_id: int) -> str:
    async with UnitOfWork() as uow:
        booking = await uow.bookings.get(booking_id)
        assert booking is not None
        return booking.guest.name


async def move(booking_id: int, room_id: int) -> str:
    async with UnitOfWork() as uow:
        booking = await uow.bookings.get(booking_id)
        room = await uow.rooms.get(room_id)
        assert booking is not None
        assert room is not None
        booking.room = room
        return booking.room.name
