from fastapi import APIRouter, Depends, HTTPException
from sqlalchemy import create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker

router = APIRouter()
SessionLocal = sessionmaker(create_engine("sqlite:///./flats.db"))


class Base(DeclarativeBase):
    pass


class Flat(Base):
    __tablename__ = "flats"
    id: Mapped[int] = mapped_column(primary_key=True)
    rent: Mapped[int]
    rooms: Mapped[int]


def get_session():
    with SessionLocal() as session:
        yield session


@router.get("/flats")
def flats(low: int = 0, high: int = 5000, page: int = 1, session: Session = Depends(get_session)):
    if not 0 < page <= 100 or not 0 <= low < high:
        raise HTTPException(status_code=422, detail="bad range")
    found = session.scalars(select(Flat).where(Flat.rent.between(low, high)).limit(20).offset((page - 1) * 20)).all()
    cheap = [f for f in found if low <= f.rent < (low + high) / 2]
    return {"flats": [f.id for f in found], "cheap": len(cheap), "small": sum(1 for f in found if 0 < f.rooms <= 2)}
