from sqlalchemy.orm import selectinload
from sqlmodel import Session, create_engine, select

from fleet.models import Car, Repair, Station, StationRead

engine = create_engine("sqlite:///fleet.db")


def add_station(name: str, city: str) -> Station:
    with Session(engine) as session:
        station = Station(name=name, city=city)
        session.add(station)
        session.commit()
        session.refresh(station)
        return station


def add_car(plate: str, station_id: int) -> Car:
    with Session(engine) as session:
        car = Car(plate=plate, station_id=station_id)
        session.add(car)
        session.commit()
        return car


def welcome(name: str, city: str) -> str:
    station = add_station(name, city)
    return f"{station.name} in {station.city}"


def register(plate: str, station_id: int) -> str:
    car = add_car(plate, station_id)
    return f"{car.plate} is number {car.id}"


def stations() -> list[StationRead]:
    with Session(engine) as session:
        found = session.exec(select(Station)).all()
        return [StationRead.model_validate(station) for station in found]


def plates_by_station() -> dict[str, list[str]]:
    with Session(engine) as session:
        result = {}
        for station in session.exec(select(Station)):
            result[station.name] = [car.plate for car in station.cars]
        return result


def plates_by_station_loaded() -> dict[str, list[str]]:
    with Session(engine) as session:
        statement = select(Station).options(selectinload(Station.cars))
        return {s.name: [car.plate for car in s.cars] for s in session.exec(statement)}


def costs() -> dict[str, int]:
    with Session(engine) as session:
        cars = session.exec(select(Car)).all()
    return {car.plate: sum(repair.cost for repair in car.repairs) for car in cars}


def home_of(car_id: int) -> str:
    with Session(engine) as session:
        car = session.get(Car, car_id)
    assert car is not None
    return car.station.city


def homes() -> list[str]:
    with Session(engine) as session:
        return [car.station.city for car in session.exec(select(Car)).all() if car.station]


def repair(car_id: int, what: str) -> int:
    with Session(engine) as session:
        car = session.exec(select(Car).where(Car.id == car_id)).one()
        car.repairs.append(Repair(what=what, cost=100))
        session.add(car)
        session.commit()
        return len(car.repairs)


def move_all(city: str, station_id: int) -> None:
    with Session(engine) as session:
        for car in session.exec(select(Car)):
            if car.station and car.station.city == city:
                car.station_id = station_id
                session.add(car)
        session.commit()
