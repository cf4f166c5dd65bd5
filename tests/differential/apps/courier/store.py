from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Column, ForeignKey, Integer, String, create_engine
from sqlalchemy.orm import Session, declarative_base, relationship, sessionmaker

engine = create_engine("postgresql+psycopg://localhost/courier")
SessionLocal = sessionmaker(bind=engine)
Base = declarative_base()


class Driver(Base):
    __tablename__ = "drivers"
    id = Column(Integer, primary_key=True)
    name = Column(String(50))
    parcels = relationship("Parcel", back_populates="driver")


class Parcel(Base):
    __tablename__ = "parcels"
    id = Column(Integer, primary_key=True)
    code = Column(String(20), index=True)
    state = Column(String(20), default="new")
    driver_id = Column(ForeignKey("drivers.id"), index=True)
    driver = relationship(Driver, back_populates="parcels")
    scans = relationship("Scan", back_populates="parcel")


class Scan(Base):
    __tablename__ = "scans"
    id = Column(Integer, primary_key=True)
    place = Column(String(50))
    parcel_id = Column(ForeignKey("parcels.id"), index=True)
    parcel = relationship(Parcel, back_populates="scans")


@contextmanager
def session_scope() -> Iterator[Session]:
    session = SessionLocal()
    try:
        yield session
        session.commit()
    except Exception:
        session.rollback()
        raise
    finally:
        session.close()
