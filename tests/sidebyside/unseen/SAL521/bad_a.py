from typing import Annotated, Optional

from fastapi import APIRouter, Depends, FastAPI, HTTPException
from pydantic import BaseModel, ConfigDict
from sqlalchemy import String, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker
from sqlalchemy.pool import StaticPool

engine = create_engine(
    "sqlite://", connect_args={"check_same_thread": False}, poolclass=StaticPool
)
SessionLocal = sessionmaker(engine)
router = APIRouter(prefix="/devices")


class Base(DeclarativeBase):
    pass


class Device(Base):
    __tablename__ = "devices"

    id: Mapped[int] = mapped_column(primary_key=True)
    serial: Mapped[str] = mapped_column(String(40), unique=True)
    site: Mapped[str] = mapped_column(String(40), index=True)
    firmware: Mapped[Optional[str]] = mapped_column(String(20))


class DeviceOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    serial: str
    firmware: Optional[str]


def get_session():
    with SessionLocal() as session:
        yield session


Db = Annotated[Session, Depends(get_session)]


@router.get("/", response_model=list[DeviceOut])
def devices(site: str, db: Db, outdated: bool = False):
    query = db.query(Device).filter_by(site=site)
    if outdated:
        query = query.filter_by(Device.firmware.is_(None))  # BAD
    return query.order_by(Device.serial).all()


@router.get("/{serial}", response_model=DeviceOut)
def device(serial: str, db: Db):
    found = db.query(Device).filter(Device.serial == serial).one_or_none()
    if found is None:
        raise HTTPException(404)
    return found


app = FastAPI()
app.include_router(router)
