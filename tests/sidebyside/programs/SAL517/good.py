import csv
import sys

from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine, select

metadata = MetaData()
parts = Table(
    "parts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(40)),
    Column("stock", Integer),
)


def dump(conn, out):
    result = conn.execute(select(parts).order_by(parts.c.id))
    writer = csv.writer(out)
    writer.writerow(result.keys())
    first = result.fetchone()
    if first is None:
        return 0
    writer.writerow(first)
    count = 1
    for row in result:
        writer.writerow(row)
        count += 1
    return count


def in_chunks(conn, size=100):
    result = conn.execute(select(parts.c.name))
    while True:
        chunk = result.fetchmany(size)
        if not chunk:
            break
        yield [row.name for row in chunk]


def shortage(conn, limit):
    rows = conn.execute(select(parts.c.name, parts.c.stock).where(parts.c.stock < limit)).all()
    missing = sum(limit - row.stock for row in rows)
    return missing, [row.name for row in rows]


if __name__ == "__main__":
    with create_engine("sqlite:///parts.db").connect() as connection:
        dump(connection, sys.stdout)
