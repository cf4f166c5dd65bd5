from __future__ import annotations

from typing import Self

from sqlalchemy.orm import Session, sessionmaker

from library.database import KeepingFactory, SessionFactory
from library.repositories import Books, Copies, Loans, Members


class UnitOfWork:
    """Writes; what is not committed is rolled back."""

    session: Session

    def __init__(self, factory: sessionmaker[Session] = SessionFactory) -> None:
        self.factory = factory

    def __enter__(self) -> Self:
        self.session = self.factory()
        self.books = Books(self.session)
        self.copies = Copies(self.session)
        self.members = Members(self.session)
        self.loans = Loans(self.session)
        return self

    def __exit__(self, *error: object) -> None:
        self.rollback()
        self.session.close()

    def commit(self) -> None:
        self.session.commit()

    def rollback(self) -> None:
        self.session.rollback()


class KeepingUnit(UnitOfWork):
    def __init__(self) -> None:
        super().__init__(KeepingFactory)


class Reading(UnitOfWork):
    """Only reads, and leaves everything as it was loaded."""

    def rollback(self) -> None:
        pass
