"""pydantic-ai: a tool finds the session in the dependencies of its run."""

import os
from dataclasses import dataclass

from pydantic_ai import Agent, RunContext
from pydantic_ai.models.test import TestModel
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

engine = create_engine(os.environ["DATABASE_URL"])
agent = Agent(TestModel(), deps_type=Session)


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


@dataclass
class Dependencies:
    session: Session


with_dependencies = Agent(TestModel(), deps_type=Dependencies)


@agent.tool
def put(ctx: RunContext[Session]) -> str:
    ctx.deps.add(Note(text="kept"))  # is: SESSION
    ctx.deps.commit()
    return "done"


@with_dependencies.tool
def put_another(ctx: RunContext[Dependencies]) -> str:
    ctx.deps.session.add(Note(text="another"))  # is: SESSION
    ctx.deps.session.commit()
    return "done"


def main() -> None:
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        agent.run_sync("put it there", deps=session)
        with_dependencies.run_sync("put it there", deps=Dependencies(session))
