from typing import Any, Generic, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

T = TypeVar("T")


class Base(DeclarativeBase):
    pass


class City(Base):
    __tablename__ = "cities"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    country: Mapped[str]


class Repository(Generic[T]):
    def __init__(self, session: Session, model: type[T]):
        self.session = session
        self.model = model

    def filter(self, *criteria, limit: int | None = None, **equal: Any) -> list[T]:
        stmt = select(self.model).filter(*criteria).filter_by(**equal)
        if limit is not None:
            stmt = stmt.limit(limit)
        return list(self.session.scalars(stmt))

    def where(self, **equal: Any) -> list[T]:
        return self.filter(**equal)


def cities_in(session: Session, country: str) -> list[str]:
    repo = Repository(session, City)
    cities = repo.filter(City.name != "", country=country, limit=10)
    same = repo.where(country=country)
    return [c.name for c in filter(None, cities)] + [c.name for c in same]
