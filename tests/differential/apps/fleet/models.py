from typing import Optional

from sqlmodel import Field, Relationship, SQLModel


class StationBase(SQLModel):
    name: str = Field(index=True)
    city: str


class Station(StationBase, table=True):
    id: Optional[int] = Field(default=None, primary_key=True)
    cars: list["Car"] = Relationship(back_populates="station")


class StationRead(StationBase):
    id: int


class Car(SQLModel, table=True):
    id: Optional[int] = Field(default=None, primary_key=True)
    plate: str
    station_id: Optional[int] = Field(default=None, foreign_key="station.id")
    station: Optional[Station] = Relationship(back_populates="cars")
    repairs: list["Repair"] = Relationship(
        back_populates="car", sa_relationship_kwargs={"lazy": "selectin"}
    )


class Repair(SQLModel, table=True):
    id: Optional[int] = Field(default=None, primary_key=True)
    what: str
    cost: int = 0
    car_id: Optional[int] = Field(default=None, foreign_key="car.id")
    car: Optional[Car] = Relationship(back_populates="repairs")
