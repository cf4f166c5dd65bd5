"""FastDepends, which FastStream stands on: dependencies without a web framework."""

import os
from typing import Annotated

from fast_depends import Depends, inject
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

engine = create_engine(os.environ["DATABASE_URL"])


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


def get_session():
    with Session(engine) as session:
        yield session


def get_committing_session():
    with Session(engine) as session:
        yield session
        session.commit()


@inject
def lost(session: Annotated[Session, Depends(get_session)]) -> None:
    session.add(Note(text="unseen_lost"))  # is: SESSION managed


@inject
def kept(session=Depends(get_session)) -> None:
    session.add(Note(text="kept"))  # is: SESSION managed
    session.commit()


@inject
def committed(session=Depends(get_committing_session)) -> None:
    session.add(Note(text="committed"))  # is: SESSION managed


def main() -> None:
    Base.metadata.create_all(engine)
    lost()
    kept()
    committed()
