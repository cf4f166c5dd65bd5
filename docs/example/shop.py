from sqlalchemy import create_engine, select, text
from sqlalchemy.orm import Session

from shop.models import Order, User

engine = create_engine("postgresql+psycopg://shop@db/shop")


def rename(user_id: int, name: str) -> None:
    with engine.connect() as conn:
        conn.execute(
            text("UPDATE users SET name = :name WHERE id = :id"), {"name": name, "id": user_id}
        )


def last_order(user_id: int) -> str | None:
    conn = engine.connect()
    row = conn.execute(text("SELECT code FROM orders WHERE user_id = :id"), {"id": user_id}).first()
    if row is None:
        return None
    conn.close()
    return row.code


def active_users(session: Session) -> list[User]:
    return list(session.scalars(select(User).where(User.deleted_at is None)))


def count_orders(session: Session) -> int:
    return session.execute("SELECT count(*) FROM orders").scalar_one()


class Ledger:
    def __init__(self) -> None:
        self.session = Session(engine)

    def move(self, source: Order, target: Order, amount: int) -> None:
        source.total -= amount
        self.session.flush()
        target.total += amount
        self.session.commit()
