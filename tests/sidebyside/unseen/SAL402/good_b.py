"""Nightly statistics for the warehouse database."""
import os

from sqlalchemy import MetaData, create_engine, func, select, text

HOT_TABLES = ("stock_moves", "picks", "bins")
STAMP = "moved_at"


class Warehouse:
    INDEX = "CREATE INDEX IF NOT EXISTS ix_{table}_{column} ON {table} ({column})"

    def __init__(self, engine):
        self.engine = engine
        self.metadata = MetaData()
        self.metadata.reflect(engine)

    def analyze(self):
        with self.engine.begin() as conn:
            for table in HOT_TABLES:
                conn.execute(text(f"ANALYZE {table}"))

    def index_moves(self):
        ddl = self.INDEX.format(table="stock_moves", column=STAMP)
        with self.engine.begin() as conn:
            conn.execute(text(ddl))

    def size_of(self, name):
        table = self.metadata.tables[name]
        with self.engine.connect() as conn:
            return conn.scalar(select(func.count()).select_from(table))

    def newest(self, name, column):
        table = self.metadata.tables[name]
        with self.engine.connect() as conn:
            return conn.scalar(select(func.max(table.c[column])))


def main():
    engine = create_engine(os.environ["WAREHOUSE_URL"])
    warehouse = Warehouse(engine)
    warehouse.index_moves()
    warehouse.analyze()
    for name in HOT_TABLES:
        print(f"{name}: {warehouse.size_of(name)} rows")
    engine.dispose()


if __name__ == "__main__":
    main()
