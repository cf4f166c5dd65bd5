from fastapi import Depends, FastAPI, Query
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

engine = create_engine("postgresql://shop:shop@localhost/shop")
SessionLocal = sessionmaker(bind=engine)
app = FastAPI()


class Base(DeclarativeBase):
    pass


class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
    customer: Mapped[str]
    status: Mapped[str]


def get_db():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()


@app.get("/orders")
def list_orders(status: list[str] = Query(default=["new"]), db: Session = Depends(get_db)):
    query = db.query(Order)
    if status:
        query = query.filter(Order.status in status)  # BAD
    return [{"id": o.id, "customer": o.customer} for o in query.order_by(Order.id).all()]
