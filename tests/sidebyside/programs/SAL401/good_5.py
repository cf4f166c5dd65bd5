import argparse

from sqlalchemy import MetaData, Table, bindparam, create_engine, inspect, select, text

VIEWS = ["daily_sales", "weekly_sales", "customer_value"]
KEEP = {"sessions": 30, "audit_log": 365}


def refresh(conn):
    for view in VIEWS:
        conn.execute(text(f"REFRESH MATERIALIZED VIEW {view}"))


def expire(conn):
    for table, days in KEEP.items():
        conn.execute(text(f"DELETE FROM {table} WHERE created_at < now() - interval '{days} days'"))


def partition(conn, year):
    year = int(year)
    conn.execute(
        text(
            "CREATE TABLE IF NOT EXISTS sales_%d PARTITION OF sales "
            "FOR VALUES FROM ('%d-01-01') TO ('%d-01-01')" % (year, year, year + 1)
        )
    )


def lookup(conn, skus):
    stmt = text("SELECT id, sku FROM products WHERE sku IN :skus").bindparams(bindparam("skus", expanding=True))
    return conn.execute(stmt, {"skus": list(skus)}).all()


def dump(engine):
    metadata = MetaData()
    with engine.connect() as conn:
        for name in inspect(engine).get_table_names():
            table = Table(name, metadata, autoload_with=engine)
            print(name, len(conn.execute(select(table)).all()))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--year", default="2025")
    args = parser.parse_args()
    engine = create_engine("postgresql+psycopg://ops@localhost/shop")
    with engine.begin() as conn:
        refresh(conn)
        expire(conn)
        partition(conn, args.year)
    dump(engine)
