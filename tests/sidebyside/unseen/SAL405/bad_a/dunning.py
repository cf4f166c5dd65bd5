import datetime as dt
from decimal import Decimal

from sqlalchemy.orm import Session

from .sql import OPEN_INVOICES, PAYMENTS


class Dunning:
    def __init__(self, session: Session, tenant_id: int):
        self.session = session
        self.tenant_id = tenant_id

    def paid_so_far(self) -> dict[int, Decimal]:
        rows = self.session.execute(PAYMENTS, {"tenant_id": self.tenant_id})
        return {row.invoice_id: row.amount for row in rows}

    def overdue(self, today: dt.date):
        paid = self.paid_so_far()
        rows = self.session.execute(  # BAD
            OPEN_INVOICES,
            {"today": today.isoformat(), "tenant_id": self.tenant_id},  # BAD
        )
        return [
            (row.number, row.amount - paid.get(row.id, 0))
            for row in rows
        ]
