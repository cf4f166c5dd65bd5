from fastapi import Depends, FastAPI
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session, sessionmaker

engine = create_engine("sqlite:///shop.db", connect_args={"check_same_thread": False})
SessionLocal = sessionmaker(bind=engine)
app = FastAPI()


def get_db():
    with SessionLocal() as db:
        yield db


@app.get("/orders")
def orders(customer_id: int, status: str = "open", db: Session = Depends(get_db)):
    rows = db.execute(
        text(
            """
            SELECT id, total
            FROM orders
            WHERE customer_id = :customer_id
            ORDER BY id DESC
            """
        ),
        {"customer_id": customer_id, "status": status},  # BAD
    )
    return [dict(row) for row in rows.mappings()]


@app.delete("/orders/{order_id}")
def cancel(order_id: int, db: Session = Depends(get_db)):
    db.execute(text("UPDATE orders SET status = 'cancelled' WHERE id = :id"), {"id": order_id})
    db.commit()
    return {"cancelled": order_id}
