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
def orders(customer_id: int, status: str | None = None, db: Session = Depends(get_db)):
    sql = "SELECT id, total FROM orders WHERE customer_id = :customer_id"
    params = {"customer_id": customer_id}
    if status:
        sql += " AND status = :status"
        params["status"] = status
    rows = db.execute(text(sql + " ORDER BY id DESC"), params)
    return [dict(row) for row in rows.mappings()]


@app.get("/orders/export")
def export(customer_id: int, paid: bool = False, db: Session = Depends(get_db)):
    where = "AND status = :paid" if paid else "AND status <> :paid"
    rows = db.execute(
        text(f"SELECT id FROM orders WHERE customer_id = :customer_id {where}"),
        {"customer_id": customer_id, "paid": "paid"},
    )
    return rows.scalars().all()
