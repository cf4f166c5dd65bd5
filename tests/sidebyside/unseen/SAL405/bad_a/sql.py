from sqlalchemy import text

OPEN_INVOICES = text(
    "SELECT id, number, amount "
    "FROM invoices "
    "WHERE paid_on IS NULL AND due_on < :today "
    "ORDER BY due_on, id"
)

PAYMENTS = text(
    "SELECT invoice_id, sum(amount) AS amount "
    "FROM payments "
    "WHERE tenant_id = :tenant_id "
    "GROUP BY invoice_id"
)
