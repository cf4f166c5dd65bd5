from sqlalchemy import ForeignKey, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    total: Mapped[int]


def frequent_buyers(session: Session, minimum: int) -> list[User]:
    frequent = (
        select(Order.user_id)
        .group_by(Order.user_id)
        .having(func.count(Order.id) >= minimum)
        .subquery()
    )
    stmt = select(User).where(User.id.in_(frequent)).order_by(User.name)  # BAD
    return list(session.scalars(stmt))
