"""OpenAI Agents: a tool finds the session in the context of its run."""

import asyncio
import os
from dataclasses import dataclass

from agents import RunContextWrapper, function_tool
from agents.tool_context import ToolContext
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
class Dependencies:
    session: Session


@function_tool
def put(ctx: RunContextWrapper[Dependencies], text: str) -> str:
    ctx.context.session.add(Note(text="kept"))  # is: SESSION
    ctx.context.session.commit()
    return text


def main() -> None:
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        arguments = '{"text": "done"}'
        context = ToolContext(
            Dependencies(session), tool_name="put", tool_call_id="1", tool_arguments=arguments
        )
        assert asyncio.run(put.on_invoke_tool(context, arguments)) == "done"
