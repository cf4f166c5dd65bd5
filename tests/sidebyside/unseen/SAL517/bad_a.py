import statistics
import sys

from sqlalchemy import (
    Column,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    insert,
    select,
)

metadata = MetaData()
runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("machine", String(40), nullable=False, index=True),
    Column("seconds", Float, nullable=False),
)


class RunReport:
    def __init__(self, conn, machine):
        self.conn = conn
        self.machine = machine

    def record(self, seconds):
        self.conn.execute(insert(runs).values(machine=self.machine, seconds=seconds))

    def outliers(self, factor=2.0):
        stmt = select(runs.c.seconds).where(runs.c.machine == self.machine)
        seconds = self.conn.scalars(stmt.order_by(runs.c.id))
        middle = statistics.median(seconds)
        return [value for value in seconds if value > factor * middle]  # BAD


def main(machine):
    engine = create_engine("sqlite:///runs.db")
    metadata.create_all(engine)
    with engine.begin() as conn:
        report = RunReport(conn, machine)
        for value in (1.0, 1.5, 1.2, 40.0):
            report.record(value)
        for value in report.outliers():
            print(f"{machine}: {value:.1f}s")
    engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1])
