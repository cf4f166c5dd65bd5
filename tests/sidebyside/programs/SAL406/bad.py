from sqlalchemy import create_engine, text

engine = create_engine("postgresql+psycopg2://iot@localhost/iot")


class DeviceRegistry:
    def __init__(self, engine):
        self.engine = engine

    def register(self, serial, model):
        query = text("INSERT INTO devices (serial, model) VALUES (%(serial)s, %(model)s) RETURNING id")  # BAD
        with self.engine.begin() as conn:
            return conn.execute(query, {"serial": serial, "model": model}).scalar_one()

    def seen(self, serial):
        with self.engine.begin() as conn:
            conn.execute(text("UPDATE devices SET seen_at = now() WHERE serial = :serial"), {"serial": serial})

    def count(self):
        with self.engine.connect() as conn:
            return conn.scalar(text("SELECT count(*) FROM devices"))


def main():
    registry = DeviceRegistry(engine)
    device_id = registry.register("A-17", "thermostat")
    registry.seen("A-17")
    print(device_id, registry.count())


if __name__ == "__main__":
    main()
