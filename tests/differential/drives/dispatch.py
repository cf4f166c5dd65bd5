from dispatch import service
from dispatch.db import Base, Session, engine
from dispatch.service import Drivers, Jobs
from dispatch.tables import Depot, Driver, Job, Skill, Stop
from sqlalchemy.exc import InvalidRequestError

BASE = Base
VERSIONS = ("2.0-web",)
ASYNC_ENGINES = (engine,)


def fill(session):
    for i in range(3):
        driver = Driver(name=f"d{i}", depot=Depot(town=f"t{i}"))
        driver.skills = [Skill(name="crane"), Skill(name="ice")]
        for k in range(2):
            job = Job(street=f"s{i}{k}", driver=driver)
            job.stops = [Stop(position=n, street=f"x{n}") for n in range(2)]
            session.add(job)


def first(error):
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error


def step(function, *args):
    async def run():
        try:
            await function(*args)
        except ExceptionGroup as error:
            raise first(error)

    return run


def concurrent(function, *args):
    async def run():
        try:
            await function(*args)
        except ExceptionGroup as error:
            assert isinstance(first(error), InvalidRequestError)
        else:
            raise AssertionError("no concurrent use")

    return run


def served(kind, name, *args):
    async def run():
        async with Session() as session:
            await getattr(kind(session), name)(*args)

    return run


STEPS = [
    served(Jobs, "cards"),
    served(Jobs, "cards_quick"),
    served(Jobs, "page"),
    served(Jobs, "page_with_stops"),
    served(Jobs, "page_full"),
    served(Jobs, "add", "new", ["a", "b"]),
    served(Jobs, "add_refreshed", "new"),
    served(Jobs, "move", 1, "moved"),
    served(Jobs, "finish", 1),
    served(Drivers, "cards"),
    served(Drivers, "labels"),
    served(Drivers, "idle"),
    served(Drivers, "idle_loaded"),
    served(Drivers, "is_idle", 2),
    served(Drivers, "seen", 1),
    served(Drivers, "seen_again", 2),
    step(service.towns, [1, 2]),
    step(service.towns_late, [1, 2]),
    step(service.names, [1, 2]),
    step(service.note_all),
    concurrent(service.totals),
    step(service.totals_apart),
    step(service.assign, [1, 2, 3], 2),
    step(service.release, 3),
    step(service.weigh, 3),
]
