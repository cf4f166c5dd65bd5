from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

OPEN = ("new", "paid", "packed")


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    orders: Mapped[list["Order"]] = relationship(back_populates="customer")


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str]
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    customer: Mapped[Customer] = relationship(back_populates="orders")


def open_orders(session: Session, customer_id: int, extra: list[str] | None = None) -> list[Order]:
    customer = session.get_one(Customer, customer_id)
    wanted = OPEN if extra is None else (*OPEN, *extra)
    return [order for order in customer.orders if order.status in wanted]


def cancel(session: Session, order_id: int, customer: Customer) -> None:
    order = session.scalars(select(Order).where(Order.id == order_id, Order.status.in_(OPEN))).one()
    if order not in customer.orders or order.status not in OPEN:
        raise PermissionError(order_id)
    order.status = "cancelled"
    session.commit()
