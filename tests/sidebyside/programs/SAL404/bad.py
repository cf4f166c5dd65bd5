import datetime as dt

from sqlalchemy import create_engine, text

engine = create_engine("sqlite:///bookings.db")

OVERLAPPING = text(
    """
    SELECT id, guest
    FROM bookings
    WHERE room = :room
      AND arrives < :departs
      AND departs > :arrives
      AND cancelled = 0
    """
)


def conflicts(room, arrives, nights=1):
    departs = arrives + dt.timedelta(days=nights)
    with engine.connect() as conn:
        return conn.execute(OVERLAPPING, {"room": room, "departs": departs}).all()  # BAD


def book(room, guest, arrives, nights=1):
    if conflicts(room, arrives, nights):
        raise ValueError(f"room {room} is taken")
    with engine.begin() as conn:
        conn.execute(
            text("INSERT INTO bookings (room, guest, arrives, departs, cancelled) VALUES (:room, :guest, :a, :d, 0)"),
            {"room": room, "guest": guest, "a": arrives, "d": arrives + dt.timedelta(days=nights)},
        )


if __name__ == "__main__":
    book(12, "Ada", dt.date(2025, 3, 1), nights=2)
