"""Airflow, seen from a plug-in: sessions come from its decorator and its context manager."""

from __future__ import annotations

from airflow.settings import Session
from airflow.utils.session import NEW_SESSION, create_session, provide_session
from sqlalchemy import text


@provide_session
def old_style(dag_id, session=None):
    session.execute(text("select 1"))  # is: SESSION managed


@provide_session
def new_style(dag_id, *, session=NEW_SESSION):
    session.execute(text("select 1"))  # is: SESSION managed


def by_hand():
    with create_session() as session:
        session.execute(text("delete from dag"))  # is: SESSION managed


def registry():
    Session.execute(text("select 1"))  # is: SCOPED_SESSION registry


def nothing(session=None):
    session.execute("x")  # is: nothing
