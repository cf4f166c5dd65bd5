from functools import partial

import ambulance
from ambulance import Base, Doctor, Patient, Plan, Visit

BASE = Base
VERSIONS = ("2.0",)


def fill(session):
    doctors = [Doctor(name=f"dr{i}", room=f"r{i}") for i in range(3)]
    for i in range(3):
        patient = Patient(name=f"p{i}", plan=Plan(title=f"plan{i}"))
        for k in range(2):
            doctor = doctors[(i + k) % 3]
            session.add(Visit(patient=patient, doctor=doctor, reason=f"v{k}"))


STEPS = [
    partial(ambulance.welcome, "a"),
    partial(ambulance.welcome_loose, "c"),
    partial(ambulance.reasons, 1),
    partial(ambulance.reasons_full, 1),
    partial(ambulance.colleagues, 1),
    partial(ambulance.card, 1),
    partial(ambulance.last_fee, 1),
    partial(ambulance.last_fee_full, 1),
    partial(ambulance.renamed, 1),
    partial(ambulance.renamed_at, 1),
    ambulance.remind,
    ambulance.signs,
    ambulance.board,
    ambulance.overview,
    ambulance.by_name,
    ambulance.queue,
    ambulance.queue_loaded,
    ambulance.close_day,
    ambulance.reopen_day,
    ambulance.first_waiting,
    ambulance.rooms_waiting,
    ambulance.reasons_waiting,
]
