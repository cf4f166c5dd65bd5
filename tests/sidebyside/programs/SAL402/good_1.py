from fastapi import Depends, FastAPI, HTTPException
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

engine = create_engine("mysql+pymysql://admin@localhost/backoffice")
SessionLocal = sessionmaker(engine)
app = FastAPI()
BROWSABLE = frozenset({"customers", "orders", "refunds"})


class Base(DeclarativeBase):
    pass


class Customer(Base):
    __tablename__ = "customers"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    city: Mapped[str]


def get_db():
    with SessionLocal() as session:
        yield session


@app.get("/tables/{table_name}/rows")
def rows(table_name: str, limit: int = 100, db: Session = Depends(get_db)):
    if table_name not in BROWSABLE:
        raise HTTPException(404)
    result = db.execute(text(f"SELECT * FROM {table_name} LIMIT :limit"), {"limit": limit})
    return [dict(row) for row in result.mappings()]


@app.get("/customers/stats/{column}")
def stats(column: str, db: Session = Depends(get_db)):
    if column not in Customer.__mapper__.columns:
        raise HTTPException(404)
    attr = getattr(Customer, column)
    return [tuple(r) for r in db.execute(select(attr, func.count()).select_from(Customer).group_by(attr))]
