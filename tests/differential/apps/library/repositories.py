from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Generic, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload

from library.database import Base
from library.models import Author, Book, Copy, Loan, Member

T = TypeVar("T", bound=Base)


class Repository(Generic[T]):
    entity: type[T]

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, entity: T) -> None:
        self._session.add(entity)

    def get(self, key: int) -> T:
        return self._session.get_one(self.entity, key)

    def all(self) -> Sequence[T]:
        return self._session.scalars(select(self.entity).order_by(self.entity.id)).all()


class Books(Repository[Book]):
    entity = Book

    def newest(self, limit: int) -> list[Book]:
        query = select(Book).order_by(Book.year.desc()).limit(limit)
        return list(self._session.scalars(query))

    def with_authors(self) -> list[Book]:
        query = select(Book).options(joinedload(Book.author)).order_by(Book.id)
        return list(self._session.scalars(query))

    def with_copies(self) -> list[Book]:
        query = select(Book).options(selectinload(Book.copies)).order_by(Book.id)
        return list(self._session.scalars(query))

    def by_author_name(self, name: str) -> list[Book]:
        query = select(Book).join(Book.author).where(Author.name == name)
        return list(self._session.scalars(query.options(contains_eager(Book.author))))

    def by_author(self, name: str) -> list[Book]:
        query = select(Book).join(Book.author).where(Author.name == name)
        return list(self._session.scalars(query))


class Copies(Repository[Copy]):
    entity = Copy

    def find(self, barcode: str) -> Copy | None:
        return self._session.scalar(select(Copy).where(Copy.barcode == barcode))


class Members(Repository[Member]):
    entity = Member


class Loans(Repository[Loan]):
    entity = Loan

    def overdue(self, today: date) -> list[Loan]:
        return list(self._session.scalars(select(Loan).where(Loan.due < today)))

    def overdue_full(self, today: date) -> list[Loan]:
        query = select(Loan).where(Loan.due < today)
        query = query.options(joinedload(Loan.member), joinedload(Loan.copy))
        return list(self._session.scalars(query))
