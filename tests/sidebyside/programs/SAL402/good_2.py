from sqlalchemy import MetaData, column, create_engine, inspect, select, table, text

engine = create_engine("postgresql+psycopg://ops@localhost/app")


def quoted(name):
    return engine.dialect.identifier_preparer.quote(name)


def sizes():
    result = {}
    with engine.connect() as conn:
        for name in inspect(engine).get_table_names():
            result[name] = conn.scalar(text(f"SELECT count(*) FROM {quoted(name)}"))
    return result


def sample(name, columns, n=10):
    stmt = select(*[column(c) for c in columns]).select_from(table(name)).limit(n)
    with engine.connect() as conn:
        return conn.execute(stmt).all()


def wipe():
    metadata = MetaData()
    metadata.reflect(bind=engine)
    with engine.begin() as conn:
        for tbl in reversed(metadata.sorted_tables):
            conn.execute(tbl.delete())


def report():
    for name, n in sorted(sizes().items(), key=lambda item: -item[1]):
        print(f"SELECT * FROM {name}: {n} rows")
