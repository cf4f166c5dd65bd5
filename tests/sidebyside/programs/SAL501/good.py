from fastapi import Depends, FastAPI
from sqlalchemy import String, create_engine, or_, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

engine = create_engine("sqlite:///./shop.db")
SessionLocal = sessionmaker(engine, expire_on_commit=False)
app = FastAPI()


class Base(DeclarativeBase):
    pass


class Product(Base):
    __tablename__ = "products"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    status: Mapped[str] = mapped_column(String(20), default="draft")


def get_db():
    with SessionLocal() as session:
        yield session


@app.get("/products")
def search(q: str | None = None, status: str | None = None, size: int | None = None, db: Session = Depends(get_db)):
    stmt = select(Product)
    term = q and q.strip()
    if term and len(term) > 1:
        stmt = stmt.where(or_(Product.name.ilike(f"%{term}%"), Product.status == (term or "draft")))
    if status and status != "all" or not q:
        stmt = stmt.where(Product.status == (status or "published"))
    return [p.name for p in db.scalars(stmt.limit(size or 20)) if p.name and not p.name.startswith("_")]
