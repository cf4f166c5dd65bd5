from sqlalchemy import create_engine, text

SCHEMA = "analytics"
EVENTS_TABLE = f"{SCHEMA}.events"
COLUMNS = ("id", "user_id", "kind", "created_at")
PAGE = 500

SELECT_EVENTS = f"""
    SELECT {', '.join(COLUMNS)}
    FROM {EVENTS_TABLE}
    WHERE user_id = :user_id
"""

engine = create_engine("postgresql+psycopg://analytics@localhost/analytics")


def events(user_id, kind=None, offset: int = 0):
    sql = SELECT_EVENTS
    params = {"user_id": user_id}
    if kind is not None:
        sql += " AND kind = :kind"
        params["kind"] = kind
    sql += f" ORDER BY id LIMIT {PAGE} OFFSET {offset}"
    with engine.connect() as conn:
        return conn.execute(text(sql), params).mappings().all()


def purge(days):
    stmt = text("DELETE FROM " + EVENTS_TABLE + " WHERE created_at < now() - make_interval(days => :days)")
    with engine.begin() as conn:
        return conn.execute(stmt, {"days": days}).rowcount
