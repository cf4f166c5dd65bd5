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
laps = Table(
    "laps",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("driver", String(40), nullable=False, index=True),
    Column("seconds", Float, nullable=False),
)


class LapReport:
    CHUNK = 500

    def __init__(self, conn, driver):
        self.conn = conn
        self.driver = driver
        self.stmt = (
            select(laps.c.seconds)
            .where(laps.c.driver == driver)
            .order_by(laps.c.id)
        )

    def record(self, *seconds):
        rows = [{"driver": self.driver, "seconds": value} for value in seconds]
        if rows:
            self.conn.execute(insert(laps), rows)

    def outliers(self, factor=2.0):
        seconds = self.conn.scalars(self.stmt).all()
        if not seconds:
            return []
        middle = statistics.median(seconds)
        return [value for value in seconds if value > factor * middle]

    def write(self, handle):
        result = self.conn.execute(self.stmt)
        print(*result.keys(), file=handle)
        written = 0
        while chunk := result.fetchmany(self.CHUNK):
            handle.writelines(f"{row.seconds:.3f}\n" for row in chunk)
            written += len(chunk)
        result = self.conn.execute(self.stmt.limit(3))
        best = min(result.scalars(), default=0)
        print(f"# {written} laps, opening {best:.3f}", file=handle)


def main(driver):
    engine = create_engine("sqlite:///laps.db")
    metadata.create_all(engine)
    with engine.begin() as conn:
        report = LapReport(conn, driver)
        report.record(61.2, 60.9, 190.0)
        report.write(sys.stdout)
        print(report.outliers())
    engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1])
