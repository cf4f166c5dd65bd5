import datetime as dt
from typing import Optional

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection, Engine
from tables import staging, vouchers


def truncate_staging(conn: Connection) -> None:
    conn.execute(delete(staging))


class VoucherStore:
    def __init__(self, engine: Engine):
        self.engine = engine

    def load(self, rows: list[dict]) -> int:
        if not rows:
            return 0
        with self.engine.begin() as conn:
            truncate_staging(conn)
            conn.execute(insert(staging), rows)
            fresh = select(staging.c.code, staging.c.campaign)
            fresh = fresh.where(staging.c.code.not_in(select(vouchers.c.code)))
            conn.execute(insert(vouchers).from_select(["code", "campaign"], fresh))
        return len(rows)

    def deactivate(
        self, now: dt.datetime, campaign: Optional[str] = None
    ) -> int:
        stmt = update(vouchers).values(active=False)
        if campaign is not None:
            stmt = stmt.where(vouchers.c.campaign == campaign)
        else:
            stmt = stmt.where(vouchers.c.expires_at < now)
        with self.engine.begin() as conn:
            return conn.execute(stmt).rowcount
