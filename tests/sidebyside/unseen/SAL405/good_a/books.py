import datetime as dt

from sqlalchemy import text
from sqlalchemy.orm import Session

from .sql import ledger

CLOSE = text(
    """
    INSERT INTO closings (tenant_id, month, note)
    VALUES (:tenant_id, :month, :note)
    """
)


class Books:
    def __init__(self, session: Session, tenant_id: int):
        self.session = session
        self.tenant_id = tenant_id

    def entries(self, since: dt.date, account=None):
        statement, values = ledger(self.tenant_id, since.isoformat(), account)
        return self.session.execute(statement, values).all()

    def close(self, month: dt.date, note: str = ""):
        values = dict.fromkeys(("tenant_id", "month", "note"))
        values["tenant_id"] = self.tenant_id
        values["month"] = month.strftime("%Y-%m")
        values["note"] = note or "closed at 12:30"
        self.session.execute(CLOSE, values)
        self.session.commit()
