from sqlalchemy import Boolean, Column, ForeignKey, Integer, String
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import backref, relationship

from clinic.database import Base


class Doctor(Base):
    __tablename__ = "doctors"
    id = Column(Integer, primary_key=True)
    first = Column(String(40))
    last = Column(String(40))
    visits = relationship("Visit", backref=backref("doctor", lazy="joined"))

    @hybrid_property
    def full_name(self):
        return self.first + " " + self.last

    @property
    def open_visits(self):
        return [visit for visit in self.visits if not visit.closed]


class Patient(Base):
    __tablename__ = "patients"
    id = Column(Integer, primary_key=True)
    name = Column(String(80))
    visits = relationship("Visit", backref="patient", order_by="Visit.id")

    @property
    def last_doctor(self):
        if not self.visits:
            return None
        return self.visits[-1].doctor.full_name

    def __repr__(self):
        return "<Patient %s>" % self.name


class Visit(Base):
    __tablename__ = "visits"
    id = Column(Integer, primary_key=True)
    reason = Column(String(200))
    closed = Column(Boolean, default=False)
    patient_id = Column(Integer, ForeignKey("patients.id"))
    doctor_id = Column(Integer, ForeignKey("doctors.id"))
