"""Celery: a task base that keeps a session."""

from __future__ import annotations

from celery import Celery, Task, shared_task
from sqlalchemy import create_engine, text
from sqlalchemy.orm import sessionmaker

app = Celery()
SessionLocal = sessionmaker(create_engine("sqlite://"))


class DatabaseTask(Task):
    _session = None

    @property
    def session(self):
        if self._session is None:
            self._session = SessionLocal()
        return self._session

    def after_return(self, *args, **kwargs):
        if self._session is not None:
            self._session.close()  # is: SESSION
            self._session = None


@app.task(base=DatabaseTask, bind=True)
def count(self):
    return self.session.execute(text("select 1")).scalar()  # is: SESSION


@shared_task(bind=True, base=DatabaseTask)
def count_again(self, table):
    return self.session.execute(text("select 1")).scalar()  # is: SESSION


@app.task(bind=True)
def plain(self):
    return self.request.get("id")  # is: nothing
