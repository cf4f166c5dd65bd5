import csv
import sys

from sqlalchemy import Column, Float, Integer, MetaData, String, Table, create_engine, text

metadata = MetaData()
buoys = Table(
    "buoys",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("code", String(8), unique=True, nullable=False),
    Column("depth", Float, nullable=False),
)

FIELDS = ("code", "depth")
ADD = text("INSERT INTO buoys (code, depth) VALUES (:code, :depth)")
TOUCH = "UPDATE buoys SET depth = ? WHERE code = ?"


def read(path):
    with open(path, newline="", encoding="utf-8") as handle:
        for code, depth in csv.reader(handle):
            yield code.upper(), float(depth)


def add_all(engine, pairs):
    rows = [dict(zip(FIELDS, pair)) for pair in pairs]
    if not rows:
        return 0
    with engine.begin() as conn:
        conn.execute(ADD, rows)
    return len(rows)


def deepen(engine, pairs):
    values = [(depth, code) for code, depth in pairs]
    if not values:
        return
    with engine.begin() as conn:
        conn.exec_driver_sql(TOUCH, values)


def main():
    engine = create_engine("sqlite:///buoys.db")
    metadata.create_all(engine)
    print(add_all(engine, read(sys.argv[1])), "added")
    engine.dispose()


if __name__ == "__main__":
    main()
