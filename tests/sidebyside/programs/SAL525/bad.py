from fastapi import Depends, FastAPI
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

SessionLocal = sessionmaker(create_engine("postgresql+psycopg://app@localhost/app"))
app = FastAPI()


class Base(DeclarativeBase):
    pass


class Item(Base):
    __tablename__ = "items"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


def get_db():
    with SessionLocal() as session:
        yield session


@app.get("/items")
def items(page: int = 1, size: int = 20, db: Session = Depends(get_db)):
    total = db.execute(select(func.count())).scalar_one()  # BAD
    rows = db.scalars(select(Item).order_by(Item.id).limit(size).offset((page - 1) * size))
    return {"total": total, "pages": -(-total // size), "items": [i.name for i in rows]}
