from sqlalchemy import Column, Integer, MetaData, Numeric, String, Table, create_engine, select

metadata = MetaData()
payments = Table(
    "payments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account", String(20)),
    Column("amount", Numeric(10, 2)),
)


def statement_of(conn, account):
    result = conn.execute(
        select(payments.c.id, payments.c.amount).where(payments.c.account == account).order_by(payments.c.id)
    )
    total = sum(row.amount for row in result)
    lines = [f"{row.id:>6} {row.amount:>10}" for row in result]  # BAD
    lines.append(f"{'total':>6} {total:>10}")
    return "\n".join(lines)


def main(account):
    engine = create_engine("sqlite:///payments.db")
    metadata.create_all(engine)
    with engine.connect() as conn:
        print(statement_of(conn, account))


if __name__ == "__main__":
    main("DE-17")
