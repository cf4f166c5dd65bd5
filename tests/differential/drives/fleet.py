from fleet import office
from fleet.models import Car, Repair, Station
from sqlmodel import SQLModel

BASE = SQLModel
VERSIONS = ("2.0-web",)


def fill(session):
    for i in range(1, 4):
        station = Station(name=f"n{i}", city=f"c{i}")
        for k in range(2):
            car = Car(plate=f"p{i}{k}", station=station)
            car.repairs = [Repair(what="w", cost=1)]
            session.add(car)


STEPS = [
    lambda: office.welcome("a", "b"),
    lambda: office.register("x", 1),
    office.stations,
    office.plates_by_station,
    office.plates_by_station_loaded,
    office.costs,
    lambda: office.home_of(1),
    office.homes,
    lambda: office.repair(1, "w"),
    lambda: office.move_all("c1", 2),
]
