import datetime as dt

from booking import app
from booking.domain import Base, Booking, Guest, Room
from booking.infra import engine

BASE = Base
VERSIONS = ("2.0", "2.1")
ASYNC_ENGINES = (engine,)
DAY = dt.date(2024, 2, 3)


def fill(session):
    for i in range(2):
        room = Room(name=f"r{i}")
        session.add(Booking(room=room, guest=Guest(name=f"g{i}"), day=dt.date(2024, 1, i + 1)))


STEPS = [
    lambda: app.book("r0", 1, DAY),
    lambda: app.is_free("r0", DAY),
    app.summaries,
    app.summaries_lazy,
    lambda: app.room_name(1),
    lambda: app.room_after("r0"),
    lambda: app.book_and_tell("r0", 1, DAY),
    lambda: app.free_rooms(DAY),
    app.names,
    lambda: app.guest_of(1),
    lambda: app.move(1, 2),
]
