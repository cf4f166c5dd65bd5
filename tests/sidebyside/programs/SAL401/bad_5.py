import argparse
import csv

from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine, literal_column, select

metadata = MetaData()
tickets = Table(
    "tickets",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subject", String(200)),
    Column("assignee", String(50)),
)


def import_rows(conn, path):
    with open(path, newline="") as fh:
        for row in csv.DictReader(fh):
            conn.exec_driver_sql(
                "INSERT INTO tickets (subject, assignee) VALUES ('{subject}', '{assignee}')".format(**row)  # BAD
            )


def ranked(conn, assignee):
    mine = literal_column(f"CASE WHEN assignee = '{assignee}' THEN 0 ELSE 1 END")  # BAD
    return conn.execute(select(tickets.c.id, tickets.c.subject).order_by(mine, tickets.c.id)).all()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("path")
    parser.add_argument("--assignee", default="nobody")
    args = parser.parse_args()
    engine = create_engine("sqlite:///tickets.db")
    metadata.create_all(engine)
    with engine.begin() as conn:
        import_rows(conn, args.path)
        for ticket in ranked(conn, args.assignee):
            print(ticket.id, ticket.subject)


if __name__ == "__main__":
    main()
