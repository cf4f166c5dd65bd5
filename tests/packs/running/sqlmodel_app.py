"""SQLModel: its own session, with `exec`."""

import os

from sqlmodel import Field, Session, SQLModel, create_engine, select

engine = create_engine(os.environ["DATABASE_URL"])


class Note(SQLModel, table=True):
    __tablename__ = "notes"

    id: int | None = Field(default=None, primary_key=True)
    text: str


def lost() -> None:
    with Session(engine) as session:
        session.add(Note(text="lost"))  # is: SESSION local


def kept() -> None:
    with Session(engine) as session:
        session.add(Note(text="kept"))  # is: SESSION local
        session.commit()


def read() -> list[Note]:
    with Session(engine) as session:
        return list(session.exec(select(Note)).all())  # is: SESSION local


def main() -> None:
    SQLModel.metadata.create_all(engine)
    lost()
    kept()
    assert [note.text for note in read()] == ["kept"]
