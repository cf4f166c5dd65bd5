from dataclasses import dataclass

from sqlalchemy import create_engine, text


@dataclass(frozen=True)
class StockLevel:
    sku: str
    on_hand: int
    reserved: int

    @property
    def free(self) -> int:
        return self.on_hand - self.reserved


class StockReader:
    COLUMNS = "sku, on_hand, reserved"
    BY_SKU = (
        "SELECT " + COLUMNS + " "
        "FROM stock "
        "WHERE sku = %(sku)s AND warehouse = %(warehouse)s"  # BAD
    )
    LOW = (
        "SELECT " + COLUMNS + " FROM stock "
        "WHERE on_hand - reserved < :threshold ORDER BY sku"
    )

    def __init__(self, url: str):
        self.engine = create_engine(url)

    def get(self, sku: str, warehouse: str):
        with self.engine.connect() as conn:
            row = conn.execute(  # BAD
                text(self.BY_SKU),  # BAD
                {"sku": sku, "warehouse": warehouse},
            ).one_or_none()
        return StockLevel(*row) if row else None

    def low(self, threshold: int = 5):
        with self.engine.connect() as conn:
            rows = conn.execute(text(self.LOW), {"threshold": threshold}).all()
        return [StockLevel(*row) for row in rows]

    def close(self):
        self.engine.dispose()
