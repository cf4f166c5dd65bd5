from sqlalchemy import ForeignKey, create_engine, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

engine = create_engine("postgresql+psycopg://shop@db/shop")


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    deleted_at: Mapped[str | None]


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    code: Mapped[str]


def rename(user_id: int, name: str) -> None:
    with engine.connect() as conn:
        conn.execute(
            text("UPDATE users SET name = :name WHERE id = :id"), {"name": name, "id": user_id}
        )


def last_code(user_id: int) -> str | None:
    conn = engine.connect()
    row = conn.execute(select(Order.code).where(Order.user_id == user_id)).first()
    if row is None:
        return None
    conn.close()
    return row.code


def active_users(session: Session) -> list[User]:
    return list(session.scalars(select(User).where(User.deleted_at is None)))


def count_orders(session: Session) -> int:
    return session.execute("SELECT count(*) FROM orders").scalar_one()
