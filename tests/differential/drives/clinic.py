from clinic import queries
from clinic.database import Base, session as registry
from clinic.models import Doctor, Patient, Visit

BASE = Base
VERSIONS = ("1.4", "2.0")


def fill(session):
    for i in range(3):
        doctor = Doctor(first="f", last=f"l{i}")
        for k in range(2):
            patient = Patient(name=f"p{i}{k}")
            session.add(Visit(reason="r", doctor=doctor, patient=patient))
            session.add(Visit(reason="s", doctor=doctor, patient=patient))


def after():
    registry.remove()


STEPS = [
    queries.patients_of_today,
    queries.patients_of_today_joined,
    queries.doctors_of_today,
    queries.waiting,
    queries.waiting_loaded,
    queries.last_doctors,
    lambda: queries.patient_name(1),
    lambda: queries.doctor_name(1),
    lambda: queries.doctor_visits(1),
    lambda: queries.admit("n", "r"),
    lambda: queries.admit_told("n", "r"),
    queries.close_all,
    lambda: list(queries.pages(3)),
    lambda: queries.visits_of(["p00", "p01", "p10"]),
    queries.reasons,
    queries.colleagues,
    lambda: queries.discharge(1),
    lambda: queries.rename(1, "n"),
]
