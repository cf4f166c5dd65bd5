"""A ambulance: patients, visits, prescriptions; services that hand objects to each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ForeignKey, String, create_engine, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, joinedload, mapped_column
from sqlalchemy.orm import relationship, selectinload, sessionmaker

engine = create_engine("sqlite:///ambulance.db")
Sessions = sessionmaker(engine)
KeepingSessions = sessionmaker(engine, expire_on_commit=False)


class Base(DeclarativeBase):
    id: Mapped[int] = mapped_column(primary_key=True)


class Plan(Base):
    __tablename__ = "plans"

    title: Mapped[str] = mapped_column(String(40))


class Patient(Base):
    __tablename__ = "patients"

    name: Mapped[str] = mapped_column(String(60))
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("plans.id"))

    plan: Mapped[Plan | None] = relationship(lazy="joined")
    visits: Mapped[list[Visit]] = relationship(back_populates="patient")

    @property
    def last_fee(self) -> int:
        return max((visit.fee for visit in self.visits), default=0)  # missed: detached which `load` the cache's `self` has is not followed

    @property
    def waits(self) -> bool:
        return any(visit.status == "open" for visit in self.visits)


class Doctor(Base):
    __tablename__ = "doctors"

    name: Mapped[str] = mapped_column(String(60))
    room: Mapped[str] = mapped_column(String(10))
    visits: Mapped[list[Visit]] = relationship(back_populates="doctor")


class Visit(Base):
    __tablename__ = "visits"

    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"))
    doctor_id: Mapped[int] = mapped_column(ForeignKey("doctors.id"))
    reason: Mapped[str] = mapped_column(String(200))
    fee: Mapped[int] = mapped_column(default=100)
    status: Mapped[str] = mapped_column(String(10), server_default="open")
    touched_at: Mapped[datetime | None] = mapped_column(onupdate=func.now())

    patient: Mapped[Patient] = relationship(back_populates="visits")
    doctor: Mapped[Doctor] = relationship(back_populates="visits")


@contextmanager
def unit() -> Iterator[Session]:
    session = Sessions()
    try:
        yield session
        session.commit()
    finally:
        session.close()


M = TypeVar("M", bound=Base)


class Repository(Generic[M]):
    model: type[M]

    def __init__(self, session: Session) -> None:
        self.session = session

    def one(self, id: int, *options: Any) -> M | None:
        return self.session.get(self.model, id, options=options)

    def all(self, *options: Any) -> list[M]:
        stmt = select(self.model).options(*options).order_by(self.model.id)
        return list(self.session.scalars(stmt))


class Patients(Repository[Patient]):
    model = Patient

    def full(self, id: int) -> Patient | None:
        return self.one(id, selectinload(Patient.visits).joinedload(Visit.doctor))


class Visits(Repository[Visit]):
    model = Visit

    def with_people(self) -> list[Visit]:
        return self.all(joinedload(Visit.patient), joinedload(Visit.doctor))

    def by_status(self) -> dict[str, list[Visit]]:
        found: dict[str, list[Visit]] = {}
        for visit in self.all():
            found.setdefault(visit.status, []).append(visit)
        return found


class Reception:
    """Each method is one unit of work."""

    def admit(self, name: str) -> Patient:
        with unit() as session:
            patient = Patient(name=name)
            session.add(patient)
            return patient

    def admit_loose(self, name: str) -> Patient:
        with unit() as session:
            patient = Patient(name=name)
            session.add(patient)
            session.flush()
            session.expunge(patient)
            return patient

    def find(self, id: int) -> Patient:
        with Sessions() as session:
            return Patients(session).one(id)

    def find_full(self, id: int) -> Patient:
        with Sessions() as session:
            return Patients(session).full(id)

    def rename(self, visit_id: int, reason: str) -> Visit:
        with KeepingSessions() as session:
            visit = session.get(Visit, visit_id)
            visit.reason = reason
            session.commit()
            return visit

    def waiting(self) -> Iterator[Visit]:
        with Sessions() as session:
            yield from session.scalars(select(Visit).where(Visit.status == "open"))


reception = Reception()


class PatientCache:
    def __init__(self) -> None:
        self._known: dict[int, Patient] = {}

    def load(self, id: int) -> Patient:
        return reception.find(id)

    def get(self, id: int) -> Patient:
        if id not in self._known:
            self._known[id] = self.load(id)
        return self._known[id]


class FullPatientCache(PatientCache):
    def load(self, id: int) -> Patient:
        return reception.find_full(id)


cache = PatientCache()
full_cache = FullPatientCache()


class Serializer:
    fields: tuple[str, ...] = ("id",)

    def to_dict(self, thing: Any) -> dict[str, Any]:
        return {name: getattr(thing, name) for name in self.fields}

    def many(self, things: Iterable[Any]) -> list[dict[str, Any]]:
        return [self.to_dict(thing) for thing in things]  # missed: lazy which `to_dict` the serializer's `self` has is not followed


class VisitSerializer(Serializer):
    fields = ("id", "reason", "fee")


class BoardSerializer(Serializer):
    def to_dict(self, thing: Visit) -> dict[str, Any]:
        return {"reason": thing.reason, "doctor": thing.doctor.name}


class PatientSerializer(Serializer):
    def to_dict(self, thing: Patient) -> dict[str, Any]:
        plan = thing.plan.title if thing.plan else None
        return {"name": thing.name, "plan": plan}


def welcome(name: str) -> str:
    patient = reception.admit(name)
    return f"Welcome, {patient.name}"


def welcome_loose(name: str) -> str:
    patient = reception.admit_loose(name)
    return f"Welcome, {patient.name}"


def reasons(id: int) -> list[str]:
    return [visit.reason for visit in reception.find(id).visits]


def reasons_full(id: int) -> list[str]:
    return [f"{v.reason} ({v.doctor.name})" for v in reception.find_full(id).visits]


def colleagues(id: int) -> int:
    patient = reception.find_full(id)
    return sum(len(visit.doctor.visits) for visit in patient.visits)


def card(id: int) -> str:
    patient = cache.get(id)
    return f"{patient.name} {patient.plan.title}"


def last_fee(id: int) -> int:
    return cache.get(id).last_fee


def last_fee_full(id: int) -> int:
    return full_cache.get(id).last_fee


def renamed(id: int) -> str:
    return reception.rename(id, "cough").reason


def renamed_at(id: int) -> str:
    visit = reception.rename(id, "fever")
    return f"{visit.touched_at:%H:%M}"  # missed: detached the session that kept its objects is one of a helper's


def _reminder(visit: Visit) -> str:
    return f"Dear {visit.patient.name}: {visit.reason}"


def _door_sign(visit: Visit) -> str:
    return f"{visit.doctor.room}: {visit.reason}"


def remind() -> list[str]:
    with Sessions() as session:
        visits = Visits(session).all()
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(_reminder, visits))


def signs() -> list[str]:
    with Sessions() as session:
        visits = Visits(session).with_people()
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(_door_sign, visits))


def board() -> list[dict[str, Any]]:
    with Sessions() as session:
        return BoardSerializer().many(Visits(session).all())


def overview() -> dict[str, Any]:
    with Sessions() as session:
        visits = VisitSerializer().many(Visits(session).all())
        return {"visits": visits, "patients": PatientSerializer().many(Patients(session).all())}


def by_name() -> list[int]:
    with Sessions() as session:
        grouped = Visits(session).by_status()
        return [v.id for v in sorted(grouped["open"], key=lambda v: v.patient.name)]


def queue() -> list[str]:
    with Sessions() as session:
        return [patient.name for patient in Patients(session).all() if patient.waits]


def queue_loaded() -> list[str]:
    with Sessions() as session:
        patients = Patients(session).all(selectinload(Patient.visits))
        return [patient.name for patient in patients if patient.waits]


def close_day() -> int:
    total = 0
    with Sessions() as session:
        for visit in Visits(session).all():
            total += visit.fee
            visit.status = "closed"
            session.commit()
    return total


def reopen_day() -> int:
    total = 0
    with KeepingSessions() as session:
        for visit in Visits(session).all():
            total += visit.fee
            visit.status = "open"
            session.commit()
    return total


def first_waiting() -> str:
    queue = list(reception.waiting())
    return f"{queue[0].reason} in {queue[0].doctor.room}"


def rooms_waiting() -> set[str]:
    return {visit.doctor.room for visit in reception.waiting()}


def reasons_waiting() -> set[str]:
    return {visit.reason for visit in reception.waiting()}
