import datetime as dt

from sqlalchemy import Integer, bindparam, create_engine, text

engine = create_engine("sqlite:///bookings.db")

FREE = text("SELECT number FROM rooms WHERE beds >= :beds AND floor = :floor ORDER BY number LIMIT :n").bindparams(
    bindparam("n", type_=Integer, value=5), floor=1
)
LOG = text("INSERT INTO log (at, line) VALUES (:at, :line)")


def free(beds):
    with engine.connect() as conn:
        return conn.execute(FREE, {"beds": beds}).scalars().all()


def upstairs(beds, floor):
    with engine.connect() as conn:
        return conn.execute(FREE.bindparams(floor=floor), {"beds": beds, "n": 1}).scalar()


def log(*lines):
    now = dt.datetime.now(dt.timezone.utc).isoformat()
    stmt = LOG.bindparams(at=now)
    with engine.begin() as conn:
        for line in lines:
            conn.execute(stmt.bindparams(line=line))


def log_many(lines):
    with engine.begin() as conn:
        conn.execute(LOG, [{"at": at, "line": line} for at, line in lines])
