from sqlalchemy.orm import joinedload, subqueryload

from clinic.database import session, session_scope
from clinic.models import Doctor, Patient, Visit


def patients_of_today():
    visits = session.query(Visit).filter(Visit.closed == False).all()  # noqa: E712
    return sorted(set(visit.patient.name for visit in visits))


def patients_of_today_joined():
    visits = session.query(Visit).options(joinedload("*")).all()
    return sorted(set(visit.patient.name for visit in visits))


def doctors_of_today():
    return [visit.doctor.full_name for visit in session.query(Visit)]


def waiting():
    lines = []
    for doctor in session.query(Doctor).order_by(Doctor.last).all():
        lines.append("%s: %d" % (doctor.full_name, len(doctor.open_visits)))
    return lines


def waiting_loaded():
    query = session.query(Doctor).options(subqueryload(Doctor.visits))
    return {doctor.full_name: len(doctor.open_visits) for doctor in query}


def last_doctors():
    result = {}
    for patient in session.query(Patient):
        result[patient.name] = patient.last_doctor
    return result


def find_patient(patient_id):
    with session_scope() as s:
        return s.query(Patient).get(patient_id)


def patient_name(patient_id):
    patient = find_patient(patient_id)
    return patient.name


def find_doctor(doctor_id):
    with session_scope() as s:
        doctor = s.query(Doctor).filter_by(id=doctor_id).first()
        if doctor is not None:
            s.expunge(doctor)
        return doctor


def doctor_name(doctor_id):
    doctor = find_doctor(doctor_id)
    return doctor.full_name


def doctor_visits(doctor_id):
    doctor = find_doctor(doctor_id)
    return len(doctor.visits)


def admit(name, reason):
    with session_scope() as s:
        patient = Patient(name=name)
        patient.visits.append(Visit(reason=reason))
        s.add(patient)
    return repr(patient)


def admit_told(name, reason):
    with session_scope() as s:
        patient = Patient(name=name)
        patient.visits.append(Visit(reason=reason))
        s.add(patient)
        s.flush()
        told = repr(patient)
    return told


def close_all():
    with session_scope() as s:
        visits = s.query(Visit).filter_by(closed=False).all()
        for visit in visits:
            visit.closed = True
        return [visit.reason for visit in visits]


def pages(size):
    start = 0
    while True:
        found = session.query(Patient).order_by(Patient.id).offset(start).limit(size).all()  # undecided: select one page after the other is meant
        if not found:
            break
        for patient in found:
            yield patient.name, len(patient.visits)
        start += size


def visits_of(names):
    found = {}
    for name in names:
        patient = session.query(Patient).filter(Patient.name == name).first()
        if patient is not None:
            found[name] = len(patient.visits)
    return found


def reasons():
    rows = session.query(Patient, Visit).join(Visit, Visit.patient_id == Patient.id).all()
    return [(patient.name, visit.reason) for patient, visit in rows]


def colleagues():
    rows = session.query(Patient, Visit).join(Visit, Visit.patient_id == Patient.id).all()
    return [(visit.reason, len(patient.visits)) for patient, visit in rows]


def discharge(patient_id):
    patient = session.query(Patient).get(patient_id)
    session.close()
    return [visit.reason for visit in patient.visits]


def rename(patient_id, name):
    patient = session.query(Patient).get(patient_id)
    patient.name = name
    session.commit()
    session.remove()
    return patient.name
