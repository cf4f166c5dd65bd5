"""Housekeeping for the archive database."""
import argparse
import os

from sqlalchemy import create_engine, text


class Archive:
    def __init__(self, engine):
        self.engine = engine

    def size_of(self, table):
        statement = "SELECT count(*) FROM " + table  # BAD
        with self.engine.connect() as conn:
            return conn.execute(text(statement)).scalar_one()  # BAD

    def drop_before(self, table, column, day):
        parts = ["DELETE FROM", table, "WHERE", column, "< :day"]  # BAD
        with self.engine.begin() as conn:
            result = conn.execute(text(" ".join(parts)), {"day": day})  # BAD
            return result.rowcount


def parse(argv=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table")
    parser.add_argument("--column", default="created_at")
    parser.add_argument("--before", required=True)
    return parser.parse_args(argv)


def main(argv=None):
    options = parse(argv)
    engine = create_engine(os.environ["ARCHIVE_URL"])
    archive = Archive(engine)
    before = archive.size_of(options.table)
    dropped = archive.drop_before(options.table, options.column, options.before)
    print(f"{options.table}: {dropped} of {before} rows dropped")
    engine.dispose()


if __name__ == "__main__":
    main()
