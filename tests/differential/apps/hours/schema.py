import datetime

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Integer,
    String,
    create_engine,
)
from sqlalchemy.orm import declarative_base, relationship, sessionmaker

engine = create_engine("sqlite:///hours.db")
Session = sessionmaker(bind=engine)
Base = declarative_base()


class Client(Base):
    __tablename__ = "clients"

    id = Column(Integer, primary_key=True)
    name = Column(String(50))
    projects = relationship("Project", back_populates="client")


class Project(Base):
    __tablename__ = "projects"

    id = Column(Integer, primary_key=True)
    code = Column(String(10), unique=True)
    rate = Column(Float, default=100.0)
    active = Column(Boolean, default=True)
    client_id = Column(Integer, ForeignKey("clients.id"))
    client = relationship("Client", back_populates="projects")
    entries = relationship("Entry", back_populates="project", order_by="Entry.day")

    def hours(self):
        return sum(entry.hours for entry in self.entries)

    def label(self):
        return "%s/%s" % (self.client.name, self.code)


class Worker(Base):
    __tablename__ = "workers"

    id = Column(Integer, primary_key=True)
    login = Column(String(20))
    entries = relationship("Entry", back_populates="worker")


class Entry(Base):
    __tablename__ = "entries"

    id = Column(Integer, primary_key=True)
    day = Column(Date, default=datetime.date.today)
    hours = Column(Float)
    billed = Column(Boolean, default=False)
    project_id = Column(Integer, ForeignKey("projects.id"))
    worker_id = Column(Integer, ForeignKey("workers.id"))
    project = relationship("Project", back_populates="entries")
    worker = relationship("Worker", back_populates="entries")
