"""Strawberry: the context of an operation has the session that the caller put there."""

import os
from dataclasses import dataclass

import strawberry
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

engine = create_engine(os.environ["DATABASE_URL"])


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


@dataclass
class Context:
    session: Session


@strawberry.type
class Query:
    @strawberry.field
    def count(self, info: strawberry.Info[Context, None]) -> int:
        return info.context.session.query(Note).count()  # is: SESSION


@strawberry.type
class Mutation:
    @strawberry.mutation
    def put(self, info: strawberry.Info[Context, None]) -> bool:
        info.context.session.add(Note(text="kept"))  # is: SESSION
        info.context.session.commit()
        return True


schema = strawberry.Schema(Query, Mutation)


def main() -> None:
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        context = Context(session)
        done = schema.execute_sync("mutation { put }", context_value=context)
        assert done.errors is None
        answer = schema.execute_sync("{ count }", context_value=context)
        assert answer.data == {"count": 1}
