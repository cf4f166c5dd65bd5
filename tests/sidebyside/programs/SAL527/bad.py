from sqlalchemy import ForeignKey, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    orders: Mapped[list["Order"]] = relationship()


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    total: Mapped[int]


class CustomerReport:
    def __init__(self, session: Session):
        self.session = session

    def loyal(self, minimum: int = 5) -> list[Customer]:
        stmt = (
            select(Customer)
            .join(Customer.orders)
            .group_by(Customer.id)
            .where(func.count(Order.id) >= minimum)  # BAD
            .order_by(Customer.name)
        )
        return list(self.session.scalars(stmt))
