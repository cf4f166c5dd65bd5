from fastapi import Depends, FastAPI
from sqlalchemy import ForeignKey, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

engine = create_engine("postgresql+psycopg://crm@localhost/crm")
SessionLocal = sessionmaker(engine)
app = FastAPI()


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    country: Mapped[str]


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    total: Mapped[int]


def get_db():
    with SessionLocal() as db:
        yield db


@app.get("/orders/{country}")
def orders_by_country(country: str, minimum: int = 0, db: Session = Depends(get_db)):
    stmt = select(Order).where(Customer.country == country, Order.total >= minimum)  # BAD
    return [{"id": o.id, "total": o.total} for o in db.scalars(stmt.order_by(Order.id))]
