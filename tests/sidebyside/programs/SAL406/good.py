from sqlalchemy import create_engine, text

engine = create_engine("postgresql+psycopg2://iot@localhost/iot")

ALERTS = text("SELECT id FROM events WHERE payload ? 'alert' AND kind LIKE 'sensor%s' AND device = :device")
EMPTY = text("UPDATE devices SET tags = '{}' WHERE tags IS NULL AND serial = :serial")
RATIO = text("SELECT 100 % :n AS rest, to_char(now(), 'YYYY-MM-DD') AS day")


def register(serial, model):
    with engine.begin() as conn:
        return conn.exec_driver_sql(
            "INSERT INTO devices (serial, model) VALUES (%(serial)s, %(model)s) RETURNING id",
            {"serial": serial, "model": model},
        ).scalar_one()


def bulk(rows):
    with engine.begin() as conn:
        conn.exec_driver_sql("INSERT INTO devices (serial, model) VALUES (%s, %s)", [tuple(r) for r in rows])


def copy(rows):
    raw = engine.raw_connection()
    try:
        with raw.cursor() as cur:
            cur.execute("UPDATE devices SET seen_at = now() WHERE serial = %s", (rows[0],))
        raw.commit()
    finally:
        raw.close()


def alerts(device):
    with engine.begin() as conn:
        conn.execute(EMPTY, {"serial": device})
        print(conn.execute(RATIO, {"n": 7}).one())
        return conn.execute(ALERTS, {"device": device}).scalars().all()
