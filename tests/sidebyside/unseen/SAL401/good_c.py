"""Remove sensors that were taken off the roof, by serial number."""
import logging
import sys
from itertools import islice

from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine

log = logging.getLogger("sensors")
metadata = MetaData()

sensors = Table(
    "sensors",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("serial", String(40), nullable=False, unique=True),
    Column("place", String(80)),
)

CHUNK = 200


def chunks(values, size):
    iterator = iter(values)
    while chunk := tuple(islice(iterator, size)):
        yield chunk


def placeholders(count):
    return "(" + ", ".join(["?"] * count) + ")"


def remove(engine, serials):
    removed = 0
    with engine.begin() as conn:
        for chunk in chunks(serials, CHUNK):
            statement = "DELETE FROM sensors WHERE serial IN "
            statement += placeholders(len(chunk))
            removed += conn.exec_driver_sql(statement, chunk).rowcount
    log.info("removed %d of %s", removed, "sensors")
    return removed


def main(path, url):
    engine = create_engine(url)
    with open(path, encoding="utf-8") as handle:
        serials = [line.strip() for line in handle if line.strip()]
    remove(engine, serials)
    engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
