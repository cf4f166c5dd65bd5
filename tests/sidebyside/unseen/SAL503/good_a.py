from typing import Optional

from sqlmodel import Field, Session, SQLModel, col, create_engine, select

FINAL = frozenset({"shipped", "void"})


class Order(SQLModel, table=True):
    __tablename__ = "orders"

    id: Optional[int] = Field(default=None, primary_key=True)
    customer: str = Field(index=True)
    state: str = "new"
    gift: bool = False


class OrderService:
    def __init__(self, engine):
        self.engine = engine

    def patch(self, order_id: int, changes: dict[str, str]) -> Optional[Order]:
        unknown = [key for key in changes if key not in Order.__table__.c]
        if unknown or "id" in changes:
            raise KeyError(", ".join(unknown) or "id")
        with Session(self.engine) as session:
            order = session.get(Order, order_id)
            if order is None or order.state in FINAL:
                return None
            for key, value in changes.items():
                setattr(order, key, value)
            session.commit()
            session.refresh(order)
            return order

    def pending(self, customer: str) -> list[Order]:
        states = {"new", "paid", "shipped"} - FINAL
        stmt = (
            select(Order)
            .where(Order.customer == customer, col(Order.state).in_(sorted(states)))
            .order_by(col(Order.id))
        )
        with Session(self.engine) as session:
            found = session.exec(stmt).all()
        return [order for order in found if order.state in states]


if __name__ == "__main__":
    engine = create_engine("sqlite:///orders.db")
    SQLModel.metadata.create_all(engine)
    for order in OrderService(engine).pending("acme"):
        print(order.id, order.state)
