from typing import Any

from sqlalchemy import String, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class Flat(Base):
    __tablename__ = "flats"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(120))
    rent: Mapped[int]
    rooms: Mapped[int]
    withdrawn: Mapped[bool] = mapped_column(default=False)


class FlatQuery:
    """Collects conditions; every call changes the object itself."""

    def __init__(self):
        self._stmt = select(Flat)
        self._log: list[str] = []

    def where(self, *criteria: Any) -> "FlatQuery":
        self._stmt = self._stmt.where(*criteria)
        self._log.append("where")
        return self

    def order_by(self, *columns: Any) -> "FlatQuery":
        self._stmt = self._stmt.order_by(*columns)
        self._log.append("order_by")
        return self

    def run(self, session: Session) -> list[Flat]:
        return list(session.scalars(self._stmt))


def search(session: Session, max_rent: int | None = None, everything: bool = False):
    query = FlatQuery()
    if not everything:
        query.where(Flat.withdrawn.is_(False))
    if max_rent is not None:
        query.where(Flat.rent <= max_rent)
    query.order_by(Flat.rent, Flat.id)
    return query.run(session)


def withdraw(session: Session, flat_id: int) -> bool:
    flat = session.get(Flat, flat_id)
    if flat is None:
        return False
    flat.withdrawn = True
    session.commit()
    return True
