from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from library.models import Book, Loan, Member
from library.unit import KeepingUnit, Reading, UnitOfWork


def newest(limit: int = 5) -> list[Book]:
    with Reading() as unit:
        return unit.books.newest(limit)


def catalogue() -> list[Book]:
    with Reading() as unit:
        return unit.books.with_authors()


def stock() -> list[Book]:
    with Reading() as unit:
        return unit.books.with_copies()


def members() -> Sequence[Member]:
    with UnitOfWork() as unit:
        return unit.members.all()



def overdue(today: date) -> list[Loan]:
    with Reading() as unit:
        return unit.loans.overdue(today)


def overdue_full(today: date) -> list[Loan]:
    with Reading() as unit:
        return unit.loans.overdue_full(today)


def lend(unit: UnitOfWork, member_id: int, barcode: str, day: date) -> Loan:
    copy = unit.copies.find(barcode)
    if copy is None or copy.lent:
        raise LookupError(barcode)
    copy.lent = True
    loan = Loan(member=unit.members.get(member_id), copy=copy, due=day + timedelta(days=28))
    unit.loans.add(loan)
    return loan


def lend_one(member_id: int, barcode: str, day: date) -> Loan:
    with UnitOfWork() as unit:
        loan = lend(unit, member_id, barcode, day)
        unit.commit()
        return loan


def lend_kept(member_id: int, barcode: str, day: date) -> Loan:
    with KeepingUnit() as unit:
        loan = lend(unit, member_id, barcode, day)
        unit.commit()
        return loan


def lend_many(member_id: int, barcodes: list[str], day: date) -> list[Loan]:
    with UnitOfWork() as unit:
        loans = [lend(unit, member_id, barcode, day) for barcode in barcodes]  # missed: select it does more than to ask for the row
        unit.commit()
        for loan in loans:
            unit.session.refresh(loan)
        return loans


def rename(member_id: int, name: str) -> Member:
    with UnitOfWork() as unit:
        member = unit.members.get(member_id)
        member.name = name
        unit.commit()
        unit.session.refresh(member)
        unit.session.expunge(member)
        return member


def prolong(today: date, days: int) -> dict[str, date]:
    with UnitOfWork() as unit:
        late = unit.loans.overdue(today)
        for loan in late:
            loan.due += timedelta(days=days)
        unit.commit()
        return {loan.member.name: loan.due for loan in late}


def reminders(today: date) -> list[str]:
    with Reading() as unit:
        lines = []
        for loan in unit.loans.overdue(today):
            lines.append(f"{loan.member.email}: {loan.due:%d.%m.}")
        return lines


def reminders_full(today: date) -> list[str]:
    with Reading() as unit:
        lines = []
        for loan in unit.loans.overdue_full(today):
            lines.append(f"{loan.member.email}: {loan.copy.book.title}")
        return lines


def scarce(limit: int = 2) -> list[str]:
    with Reading() as unit:
        return [book.title for book in unit.books.newest(9) if book.available < limit]


def scarce_full(limit: int = 2) -> list[str]:
    with Reading() as unit:
        return [book.title for book in unit.books.with_copies() if book.available < limit]
