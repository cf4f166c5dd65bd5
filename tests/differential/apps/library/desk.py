"""What the people at the desk see."""

from __future__ import annotations

from datetime import date

from library import services
from library.unit import Reading


def shelf() -> list[str]:
    return [f"{book.title} ({book.year})" for book in services.newest()]


def shelf_by() -> list[str]:
    return [f"{book.title} by {book.author.name}" for book in services.newest()]


def catalogue() -> list[str]:
    return [f"{book.title} by {book.author.name}" for book in services.catalogue()]


def summaries() -> dict[str, str]:
    found = {}
    for book in services.catalogue():
        found[book.title] = book.summary
    return found


def counts() -> dict[str, int]:
    return {book.title: book.available for book in services.stock()}


def counts_newest() -> dict[str, int]:
    return {book.title: book.available for book in services.newest(3)}




def member_names() -> list[str]:
    return sorted(member.name for member in services.members())


def member_count() -> int:
    return len(services.members())


def late(today: date) -> dict[int, list[date]]:
    found: dict[int, list[date]] = {}
    for loan in services.overdue(today):
        found.setdefault(loan.member_id, []).append(loan.due)
    return found


def late_names(today: date) -> list[str]:
    loans = sorted(services.overdue(today), key=lambda loan: loan.due)
    return [loan.member.name for loan in loans]



def receipt(member_id: int, barcode: str, day: date) -> str:
    loan = services.lend_one(member_id, barcode, day)
    return f"to be returned by {loan.due}"


def receipt_kept(member_id: int, barcode: str, day: date) -> str:
    loan = services.lend_kept(member_id, barcode, day)
    return f"{loan.copy.barcode}: to be returned by {loan.due}"



def receipts(member_id: int, barcodes: list[str], day: date) -> list[str]:
    loans = services.lend_many(member_id, barcodes, day)
    return [f"{number}: {loan.due}" for number, loan in enumerate(loans, 1)]


def renamed(member_id: int, name: str) -> str:
    member = services.rename(member_id, name)
    return f"{member.name} <{member.email}>"


def renamed_with_loans(member_id: int, name: str) -> str:
    member = services.rename(member_id, name)
    return f"{member.name}: {len(member.loans)}"


def works(name: str) -> list[str]:
    with Reading() as unit:
        books = unit.books.by_author_name(name)
    return [f"{book.author.name}: {book.title}" for book in books]


def works_plain(name: str) -> list[str]:
    with Reading() as unit:
        books = unit.books.by_author(name)
    return [f"{book.author.name}: {book.title}" for book in books]
