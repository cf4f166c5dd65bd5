from typing import Annotated, Any, Optional

from fastapi import APIRouter, Depends, FastAPI
from pydantic import BaseModel, ConfigDict
from sqlalchemy import String, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker
from sqlalchemy.pool import StaticPool

engine = create_engine(
    "sqlite://", connect_args={"check_same_thread": False}, poolclass=StaticPool
)
SessionLocal = sessionmaker(engine)
router = APIRouter(prefix="/cameras")


class Base(DeclarativeBase):
    pass


class Camera(Base):
    __tablename__ = "cameras"

    id: Mapped[int] = mapped_column(primary_key=True)
    serial: Mapped[str] = mapped_column(String(40), unique=True)
    site: Mapped[str] = mapped_column(String(40), index=True)
    firmware: Mapped[Optional[str]] = mapped_column(String(20))


class CameraOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    serial: str
    firmware: Optional[str]


class Cameras:
    def __init__(self, session: Session):
        self.session = session

    def filter(self, *criteria: Any, **equal: Any) -> list[Camera]:
        stmt = select(Camera).where(*criteria).filter_by(**equal)
        return list(self.session.scalars(stmt.order_by(Camera.serial)))


def get_cameras():
    with SessionLocal() as session:
        yield Cameras(session)


Repo = Annotated[Cameras, Depends(get_cameras)]


@router.get("/", response_model=list[CameraOut])
def cameras(repo: Repo, site: Optional[str] = None, outdated: bool = False):
    equal = dict(filter(lambda pair: pair[1] is not None, [("site", site)]))
    if outdated:
        return repo.filter(Camera.firmware.is_(None), **equal)
    return repo.filter(**equal)


@router.get("/unknown", response_model=list[CameraOut])
def nowhere(repo: Repo):
    return repo.filter(site="unknown")


app = FastAPI()
app.include_router(router)
