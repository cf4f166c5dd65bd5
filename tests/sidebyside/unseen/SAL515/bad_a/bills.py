# target: 1.4
from sqlalchemy.orm import selectinload

from .models import Bill, Supplier


class Bills:
    def __init__(self, session):
        self.session = session

    def supplier(self, vat_number):
        return (
            self.session.query(Supplier)
            .options(selectinload(Supplier.bills))
            .filter_by(  # BAD
                blocked=False,
                vat_no=vat_number,  # BAD
            )
            .one_or_none()
        )

    def due(self, day):
        return (
            self.session.query(Bill)
            .filter(Bill.due_on <= day, Bill.paid_on.is_(None))
            .order_by(Bill.due_on, Bill.number)
            .all()
        )

    def record(self, supplier, number, amount, due_on, today):
        bill = Bill(
            supplier=supplier,
            number=number,
            amount=amount,
            due_on=due_on,
            created_on=today,
        )
        self.session.add(bill)
        self.session.commit()
        return bill
