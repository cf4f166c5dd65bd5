from __future__ import annotations

from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict

from dispatch.tables import Driver, Job


@dataclass(slots=True, frozen=True)
class DriverCard:
    id: int
    name: str
    skills: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, driver: Driver) -> DriverCard:
        return cls(driver.id, driver.name, list(driver.skill_names))


@dataclass
class JobCard:
    street: str
    weight: int
    driver: str | None
    stops: list[str]

    @classmethod
    def of(cls, job: Job) -> JobCard:
        return cls(
            street=job.street,
            weight=job.weight,
            driver=job.driver.name if job.driver else None,
            stops=[stop.street for stop in job.stops],
        )


class StopOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    position: int
    street: str


class JobOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: int
    state: str
    street: str


class JobWithStops(JobOut):
    stops: list[StopOut]
