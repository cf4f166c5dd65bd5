from courier import tasks
from courier.store import Base, Driver, Parcel, engine

BASE = Base
VERSIONS = ("2.0-web",)
ENGINES = (engine,)


def fill(session):
    for i in range(3):
        driver = Driver(name=f"d{i}")
        for k in range(2):
            session.add(Parcel(code=f"p{i}{k}", driver=driver))


STEPS = [
    lambda: tasks.deliver("p00"),
    lambda: tasks.deliver_told("p01"),
    lambda: tasks.routes(),
    lambda: tasks.manifest(),
    lambda: tasks.announce(),
    lambda: tasks.announce_driver(),
    lambda: tasks.close_all(["p00", "p01"]),
    lambda: tasks.close_at_once(["p00", "p01"]),
    lambda: tasks.drivers(["p00", "p10"]),
    lambda: tasks.scanned("p00", ["a", "b"]),
]
