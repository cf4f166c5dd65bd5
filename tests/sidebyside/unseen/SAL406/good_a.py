from dataclasses import dataclass

from sqlalchemy import create_engine, text


@dataclass(frozen=True)
class MonthTotal:
    month: str
    total: int


class SalesReader:
    BY_MONTH = (
        "SELECT strftime('%Y-%m', sold_at) AS month, sum(cents) AS total "
        "FROM sales "
        "WHERE shop = :shop AND note NOT LIKE '%(test)' "
        "GROUP BY 1 ORDER BY 1"
    )
    SAMPLE = text(
        "SELECT id, cents FROM sales "
        "WHERE id % 10 = :digit AND note <> 'why?' ORDER BY id"
    )
    DRIVER = "UPDATE sales SET note = ? WHERE id = ?"

    def __init__(self, url: str):
        self.engine = create_engine(url)

    def months(self, shop: str):
        with self.engine.connect() as conn:
            rows = conn.execute(text(self.BY_MONTH), {"shop": shop}).all()
        return [MonthTotal(*row) for row in rows]

    def sample(self, digit: int = 3):
        with self.engine.connect() as conn:
            return conn.execute(self.SAMPLE, {"digit": digit}).all()

    def annotate(self, notes: dict[int, str]) -> int:
        with self.engine.begin() as conn:
            for sale_id, note in notes.items():
                conn.exec_driver_sql(self.DRIVER, (note, sale_id))
        print("%s notes, shop %s" % (len(notes), "all"))
        return len(notes)

    def close(self):
        self.engine.dispose()
