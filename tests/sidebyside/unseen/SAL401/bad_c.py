"""Load the nightly price list of the wholesaler."""
import csv
import logging
import sys

from sqlalchemy import Column, Integer, MetaData, Numeric, String, Table, create_engine

log = logging.getLogger("pricelist")
metadata = MetaData()

prices = Table(
    "prices",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("sku", String(40), nullable=False),
    Column("label", String(200), nullable=False),
    Column("amount", Numeric(10, 2), nullable=False),
)

COLUMNS = ("sku", "label", "amount")


def quoted(value):
    return "'" + value + "'"  # BAD


def tuple_of(record):
    cells = [quoted(record[name].strip()) for name in COLUMNS]
    return "(" + ", ".join(cells) + ")"  # BAD


def load(engine, records):
    head = "INSERT INTO prices (" + ", ".join(COLUMNS) + ") VALUES "
    loaded = 0
    with engine.begin() as conn:
        for record in records:
            statement = head
            statement += tuple_of(record)  # BAD
            conn.exec_driver_sql(statement)  # BAD
            loaded += 1
    log.info("%d prices loaded", loaded)
    return loaded


def main(path, url):
    engine = create_engine(url)
    metadata.create_all(engine)
    with open(path, newline="", encoding="utf-8") as handle:
        load(engine, csv.DictReader(handle, delimiter=";"))
    engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
