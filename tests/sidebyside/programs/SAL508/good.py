from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine, delete, insert, select

metadata = MetaData()
staging = Table("staging", metadata, Column("id", Integer, primary_key=True), Column("name", String(40)))
people = Table("people", metadata, Column("id", Integer, primary_key=True), Column("name", String(40)))


def plan(prefix, dry_run):
    source = select(staging.c.name).where(staging.c.name.startswith(prefix))
    statements = [insert(people).from_select(["name"], source)]
    if not dry_run:
        statements.append(delete(staging).where(staging.c.name.startswith(prefix)))
    return statements


def promote(engine, prefix, dry_run=False):
    affected = []
    with engine.begin() as conn:
        for stmt in plan(prefix, dry_run):
            affected.append(conn.execute(stmt).rowcount)
    return affected


def explain(prefix):
    stmt = delete(people).where(people.c.name == prefix)
    print(stmt)
    return str(stmt.compile(compile_kwargs={"literal_binds": True}))


if __name__ == "__main__":
    engine = create_engine("sqlite:///people.db")
    metadata.create_all(engine)
    promote(engine, "a")
