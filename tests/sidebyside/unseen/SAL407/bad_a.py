import csv
import sys

from sqlalchemy import Column, Float, Integer, MetaData, String, Table, create_engine, text

metadata = MetaData()
stations = Table(
    "stations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("code", String(8), unique=True, nullable=False),
    Column("lat", Float, nullable=False),
    Column("lon", Float, nullable=False),
)

MOVE = text("UPDATE stations SET lat = :lat, lon = :lon WHERE code = :code")


def read(path):
    with open(path, newline="", encoding="utf-8") as handle:
        for code, lat, lon in csv.reader(handle):
            yield float(lat), float(lon), code.upper()


def move_all(engine, moves):
    changed = 0
    with engine.begin() as conn:
        for move in moves:
            lat, lon, code = move
            if not -90 <= lat <= 90:
                print("skipped", code, file=sys.stderr)
                continue
            values = (lat, lon, code)
            changed += conn.execute(MOVE, values).rowcount  # BAD
    return changed


def main():
    engine = create_engine("sqlite:///stations.db")
    metadata.create_all(engine)
    print(move_all(engine, read(sys.argv[1])), "moved")
    engine.dispose()


if __name__ == "__main__":
    main()
