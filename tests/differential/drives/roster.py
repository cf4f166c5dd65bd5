import sys
import threading
from datetime import date

import roster
from roster import Base, Local, Person, Shift, Swap, Team, Worker

BASE = Base
VERSIONS = ("2.0",)
DAY = date(2024, 5, 1)


def fill(session):
    for i in range(3):
        team = Team(name=f"t{i}")
        for k in range(2):
            person = Person(name=f"p{i}{k}", team=team)
            for n, kind in enumerate(("early", "late")):
                shift = Shift(day=date(2024, 5, 1 + n), kind=kind, person=person)
                shift.swaps = [Swap(reason="ill")]
            session.add(person)


def step(function, *args):
    return lambda: function(*args)


def within(function):
    def run():
        with Local() as session:
            function(session)

    return run


def working(name):
    def run():
        threading.setprofile(sys.getprofile())  # the worker's functions are told apart, too
        worker = Worker()
        try:
            getattr(worker, name)()
        finally:
            worker.pool.shutdown()
            threading.setprofile(None)

    return run


STEPS = [
    step(roster.by_team),
    step(roster.by_team_loaded),
    step(roster.anybody_off, date(2024, 6, 1)),
    step(roster.anybody_off, DAY),
    step(roster.anybody_off_loaded, DAY),
    step(roster.total_hours),
    step(roster.total_hours_loaded),
    step(roster.names),
    step(roster.badges),
    step(roster.first_badges, 2),
    step(roster.late_badges),
    step(roster.calendar),
    step(roster.calendar_loaded),
    within(roster.reasons),
    within(roster.askers),
    within(roster.waiting),
    within(roster.waiting_at_once),
    within(roster.kinds),
    within(roster.kinds_at_once),
    step(roster.close_swaps, [1, 2, 3]),
    step(roster.move_shifts, 1),
    step(roster.move_shifts_counted, 1),
    step(roster.trim, [1, 2, 3, 4]),
    step(roster.raise_wanted, ["p00", "p10", "p20"]),
    working("write"),
    working("write_loaded"),
    working("write_by_id"),
]
