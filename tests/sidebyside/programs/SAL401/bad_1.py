from fastapi import Depends, FastAPI, Query
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session, sessionmaker

engine = create_engine("postgresql+psycopg://shop@localhost/shop")
SessionLocal = sessionmaker(bind=engine)
app = FastAPI()


def get_db():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()


@app.get("/products")
def search(q: str = Query(min_length=2), limit: int = 20, db: Session = Depends(get_db)):
    sql = "SELECT id, name, price FROM products WHERE active"
    if q:
        sql += f" AND name ILIKE '%{q}%'"  # BAD
    sql += f" ORDER BY name LIMIT {limit}"
    rows = db.execute(text(sql)).mappings().all()  # BAD
    return [dict(row) for row in rows]
