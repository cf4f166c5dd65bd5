from fastapi import Depends, FastAPI
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session, sessionmaker

engine = create_engine("mysql+pymysql://admin@localhost/backoffice")
SessionLocal = sessionmaker(engine)
app = FastAPI(title="table browser")


def get_db():
    with SessionLocal() as session:
        yield session


@app.get("/tables/{table_name}/rows")
def rows(table_name: str, limit: int = 100, db: Session = Depends(get_db)):
    result = db.execute(text(f"SELECT * FROM {table_name} LIMIT :limit"), {"limit": limit})  # BAD
    return [dict(row) for row in result.mappings()]


@app.get("/tables/{table_name}/count")
def count(table_name: str, db: Session = Depends(get_db)):
    return {"table": table_name, "rows": db.scalar(text("SELECT COUNT(*) FROM " + table_name))}  # BAD
