from sqlalchemy import insert, select, update
from sqlalchemy.engine import Engine
from tables import coupons


class CouponStore:
    def __init__(self, engine: Engine):
        self.engine = engine

    def create(self, code: str, campaign: str) -> None:
        with self.engine.begin() as conn:
            conn.execute(insert(coupons).values(code=code, campaign=campaign))

    def deactivate(self, campaign: str) -> int:
        stmt = update(coupons)  # BAD
        stmt = stmt.values(active=False)  # BAD
        with self.engine.begin() as conn:
            count = conn.execute(stmt).rowcount  # BAD
        print(f"{campaign}: {count} coupons deactivated")
        return count

    def active(self) -> list[str]:
        stmt = (
            select(coupons.c.code)
            .where(coupons.c.active)
            .order_by(coupons.c.code)
        )
        with self.engine.connect() as conn:
            return list(conn.scalars(stmt))
