from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, func
from sqlalchemy.ext.associationproxy import AssociationProxy, association_proxy
from sqlalchemy.orm import Mapped, mapped_column, relationship

from dispatch.db import Base


class Depot(Base):
    __tablename__ = "depots"

    id: Mapped[int] = mapped_column(primary_key=True)
    town: Mapped[str] = mapped_column(String(40))

    drivers: Mapped[list[Driver]] = relationship(back_populates="depot")


class Driver(Base):
    __tablename__ = "drivers"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    depot_id: Mapped[int] = mapped_column(ForeignKey("depots.id"))
    seen_at: Mapped[datetime | None] = mapped_column(onupdate=func.now())

    depot: Mapped[Depot] = relationship(back_populates="drivers")
    jobs: Mapped[list[Job]] = relationship(back_populates="driver")
    skills: Mapped[list[Skill]] = relationship(lazy="selectin")
    skill_names: AssociationProxy[list[str]] = association_proxy("skills", "name")
    job_states: AssociationProxy[list[str]] = association_proxy("jobs", "state")

    @property
    def busy(self) -> bool:
        return any(job.state == "open" for job in self.jobs)

    @property
    def label(self) -> str:
        return f"{self.name} [{', '.join(sorted(self.skill_names))}]"


class Skill(Base):
    __tablename__ = "skills"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(30))
    driver_id: Mapped[int] = mapped_column(ForeignKey("drivers.id"))


class Job(Base):
    __tablename__ = "jobs"

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(10), default="open")
    street: Mapped[str] = mapped_column(String(60))
    weight: Mapped[int] = mapped_column(default=1)
    driver_id: Mapped[int | None] = mapped_column(ForeignKey("drivers.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    driver: Mapped[Driver | None] = relationship(back_populates="jobs")
    stops: Mapped[list[Stop]] = relationship(back_populates="job", order_by="Stop.position")


class Stop(Base):
    __tablename__ = "stops"

    id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int]
    street: Mapped[str] = mapped_column(String(60))
    job_id: Mapped[int] = mapped_column(ForeignKey("jobs.id"))

    job: Mapped[Job] = relationship(back_populates="stops", lazy="raise")
