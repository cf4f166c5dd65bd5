"""Streamlit: the script runs again for every interaction; what it imports, and caches, stays."""

import os

import streamlit as st
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from streamlit.testing.v1 import AppTest


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


@st.cache_resource
def get_engine():
    engine = create_engine(os.environ["DATABASE_URL"])
    Base.metadata.create_all(engine)
    return engine


def page() -> None:
    from sqlalchemy.orm import Session
    from streamlit_app import Note, get_engine

    with Session(get_engine()) as session:
        session.add(Note(text="page"))
        session.commit()


def kept() -> None:
    with Session(get_engine()) as session:
        session.add(Note(text="kept"))  # is: SESSION local
        session.commit()


def main() -> None:
    kept()
    app = AppTest.from_function(page)
    app.run()
    app.run()
    assert not app.exception
