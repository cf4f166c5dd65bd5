from datetime import date

from library import desk, services
from library.database import Base
from library.models import Author, Book, Copy, Loan, Member

BASE = Base
VERSIONS = ("2.0",)
TODAY = date(2024, 5, 1)


def fill(session):
    for i in range(3):
        author = Author(name=f"a{i}")
        member = Member(name=f"m{i}", email=f"m{i}@example.org")
        for k in range(2):
            book = Book(title=f"b{i}{k}", year=2000 + i, summary="x", author=author)
            book.copies = [Copy(barcode=f"c{i}{k}{n}") for n in range(3)]
            session.add(book)
        session.add(Loan(member=member, copy=book.copies[0], due=date(2024, 1, 1 + i)))
        book.copies[0].lent = True


def step(function, *args):
    return lambda: function(*args)


STEPS = [
    *map(
        step,
        (
            desk.shelf,
            desk.shelf_by,
            desk.catalogue,
            desk.summaries,
            desk.counts,
            desk.counts_newest,
            desk.member_names,
            desk.member_count,
            services.scarce,
            services.scarce_full,
        ),
    ),
    step(desk.late, TODAY),
    step(desk.late_names, TODAY),
    step(services.reminders, TODAY),
    step(services.reminders_full, TODAY),
    step(desk.receipt, 1, "c000", TODAY),
    step(desk.receipt_kept, 1, "c001", TODAY),
    step(desk.receipts, 2, ["c100", "c101", "c102"], TODAY),
    step(desk.renamed, 1, "new"),
    step(desk.renamed_with_loans, 1, "newer"),
    step(desk.works, "a1"),
    step(desk.works_plain, "a1"),
    step(services.prolong, TODAY, 7),
]
