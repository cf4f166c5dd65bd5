from __future__ import annotations

import asyncio
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from dispatch.db import Session, StrictSession
from dispatch.dto import DriverCard, JobCard, JobOut, JobWithStops
from dispatch.tables import Driver, Job, Stop


class Jobs:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def open(self) -> Sequence[Job]:
        found = await self.session.scalars(select(Job).where(Job.state == "open"))
        return found.all()

    async def open_full(self) -> Sequence[Job]:
        query = select(Job).where(Job.state == "open")
        query = query.options(joinedload(Job.driver), selectinload(Job.stops))
        return (await self.session.scalars(query)).all()

    async def cards(self) -> list[JobCard]:
        return [JobCard.of(job) for job in await self.open_full()]

    async def cards_quick(self) -> list[JobCard]:
        return [JobCard.of(job) for job in await self.open()]

    async def page(self) -> list[JobOut]:
        return [JobOut.model_validate(job) for job in await self.open()]

    async def page_with_stops(self) -> list[JobWithStops]:
        return [JobWithStops.model_validate(job) for job in await self.open()]

    async def page_full(self) -> list[JobWithStops]:
        return list(map(JobWithStops.model_validate, await self.open_full()))

    async def add(self, street: str, stops: list[str]) -> Job:
        job = Job(street=street)
        job.stops = [Stop(position=n, street=name) for n, name in enumerate(stops)]
        self.session.add(job)
        await self.session.commit()
        return job

    async def add_refreshed(self, street: str) -> Job:
        job = await self.add(street, [])
        await self.session.refresh(job, ["id", "state", "street", "stops"])
        return job

    async def move(self, job_id: int, street: str) -> str:
        job = await self.session.get_one(Job, job_id, options=[selectinload(Job.stops)])
        first = job.stops[0]
        first.street = street
        await self.session.flush()
        return f"{first.street} ({len(job.stops)} stops, {job.state})"

    async def finish(self, job_id: int) -> list[str]:
        job = await self.session.get_one(Job, job_id)
        job.state = "done"
        await self.session.commit()
        driver = await self.session.get_one(Driver, job.driver_id)
        return [driver.name, *driver.job_states]


class Drivers:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def all(self) -> dict[str, Driver]:
        found = await self.session.scalars(select(Driver).order_by(Driver.id))
        return {driver.name: driver for driver in found}

    async def cards(self) -> list[DriverCard]:
        return [DriverCard.of(driver) for driver in (await self.all()).values()]

    async def labels(self) -> list[str]:
        return [driver.label for driver in (await self.all()).values()]

    async def idle(self) -> list[str]:
        return [name for name, driver in (await self.all()).items() if not driver.busy]

    async def idle_loaded(self) -> list[str]:
        query = select(Driver).options(selectinload(Driver.jobs))
        return [driver.name for driver in await self.session.scalars(query) if not driver.busy]

    async def is_idle(self, driver_id: int) -> bool:
        driver = await self.session.get_one(Driver, driver_id)
        return await self.session.run_sync(lambda session: not driver.busy)

    async def seen(self, driver_id: int) -> str:
        driver = await self.session.get_one(Driver, driver_id)
        driver.name = driver.name.title()
        await self.session.flush()
        return f"{driver.name} at {driver.seen_at}"

    async def seen_again(self, driver_id: int) -> str:
        driver = await self.session.get_one(Driver, driver_id)
        driver.name = driver.name.lower()
        await self.session.flush()
        await self.session.refresh(driver, attribute_names=["seen_at"])
        return f"{driver.name} at {driver.seen_at}"


async def load_driver(driver_id: int) -> Driver:
    async with Session() as session:
        return await session.get_one(Driver, driver_id)


async def load_driver_at(driver_id: int) -> Driver:
    async with Session() as session:
        return await session.get_one(Driver, driver_id, options=[joinedload(Driver.depot)])


async def towns(ids: list[int]) -> list[str]:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(load_driver_at(id)) for id in ids]
    return [task.result().depot.town for task in tasks]


async def towns_late(ids: list[int]) -> list[str]:
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(load_driver(id)) for id in ids]
    return [task.result().depot.town for task in tasks]


async def names(ids: list[int]) -> list[str]:
    drivers = await asyncio.gather(*(load_driver(id) for id in ids))
    return [driver.label for driver in drivers]


async def note(driver: Driver, notes: list[str]) -> None:
    await asyncio.sleep(0)
    notes.append(f"{driver.name} {driver.depot.town}")


async def note_all() -> list[str]:
    notes: list[str] = []
    async with Session() as session:
        drivers = (await session.scalars(select(Driver))).all()
        async with asyncio.TaskGroup() as group:
            for driver in drivers:
                group.create_task(note(driver, notes))
    return notes


async def totals() -> tuple[int, int]:
    async with Session() as session, asyncio.TaskGroup() as group:
        jobs = group.create_task(session.scalar(select(func.count(Job.id))))
        stops = group.create_task(session.scalar(select(func.count(Stop.id))))
    return jobs.result() or 0, stops.result() or 0


async def count(query) -> int:
    async with Session() as session:
        return await session.scalar(query) or 0


async def totals_apart() -> tuple[int, int]:
    async with asyncio.TaskGroup() as group:
        jobs = group.create_task(count(select(func.count(Job.id))))
        stops = group.create_task(count(select(func.count(Stop.id))))
    return jobs.result(), stops.result()


async def assign(job_ids: list[int], driver_id: int) -> list[str]:
    async with StrictSession() as session:
        driver = await session.get_one(Driver, driver_id)
        done = []
        for job_id in job_ids:
            job = await session.get_one(Job, job_id)
            job.driver_id = driver.id
            done.append(job)
        await session.commit()
        return [job.street for job in done]


async def release(driver_id: int) -> int:
    async with StrictSession() as session:
        driver = await session.get_one(Driver, driver_id, options=[selectinload(Driver.jobs)])
        for job in driver.jobs:
            job.state = "open"
        released = len(driver.jobs)
        await session.commit()
    return released


async def weigh(driver_id: int) -> str:
    async with StrictSession() as session:
        driver = await session.get_one(Driver, driver_id, options=[selectinload(Driver.jobs)])
        weight = sum(job.weight for job in driver.jobs)
        driver.depot_id = 1
        await session.commit()
    return f"{driver.name}: {weight}"
