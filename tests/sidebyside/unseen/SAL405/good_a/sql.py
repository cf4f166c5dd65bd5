from typing import Any, Optional

from sqlalchemy import text

LEDGER = (
    "SELECT id, account, amount "
    "FROM entries "
    "WHERE tenant_id = :tenant_id AND booked_on >= :since"
)


def ledger(tenant_id: int, since: str, account: Optional[str] = None):
    sql = LEDGER
    values: dict[str, Any] = {"tenant_id": tenant_id, "since": since}
    if account is not None:
        sql += " AND account = :account"
        values["account"] = account
    sql += " ORDER BY booked_on, id"
    return text(sql), values
