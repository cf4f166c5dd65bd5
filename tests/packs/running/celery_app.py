"""Celery: the base of a task holds a session that the task ends after each run."""

import os

from celery import Celery, Task
from sqlalchemy import Column, Integer, String, create_engine
from sqlalchemy.orm import Session, declarative_base

engine = create_engine(os.environ["DATABASE_URL"])
app = Celery("app", broker="memory://")
app.conf.task_always_eager = True
Base = declarative_base()


class Note(Base):
    __tablename__ = "notes"

    id = Column(Integer, primary_key=True)
    text = Column(String)


class DatabaseTask(Task):
    abstract = True

    def before_start(self, task_id, args, kwargs):
        self.session = Session(engine)

    def after_return(self, status, retval, task_id, args, kwargs, einfo):
        self.session.close()


@app.task(base=DatabaseTask, bind=True)
def kept(self):
    self.session.add(Note(text="kept"))  # is: SESSION attribute
    self.session.commit()


@app.task
def lost():
    with Session(engine) as session:
        session.add(Note(text="lost"))  # is: SESSION local


def main() -> None:
    Base.metadata.create_all(engine)
    kept.delay().get()
    lost.delay().get()
