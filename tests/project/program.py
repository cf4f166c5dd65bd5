"""A program of several modules, lowered and linked, and the kinds that were found in it."""

from __future__ import annotations

import textwrap

from sqla_lint.catalog import load
from sqla_lint.project.infer import infer
from sqla_lint.project.kind import Kind
from sqla_lint.project.link import link
from sqla_lint.project.linked import Project
from sqla_lint.syntax import lower

PRELUDE = """
from sqlalchemy import create_engine, select, text, insert, Table, MetaData, Column, Integer
from sqlalchemy.orm import Session, sessionmaker, scoped_session, declarative_base, relationship
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine, async_sessionmaker

engine = create_engine("sqlite://")
SessionLocal = sessionmaker(bind=engine)
async_engine = create_async_engine("sqlite+aiosqlite://")
AsyncSessionLocal = async_sessionmaker(async_engine, expire_on_commit=False)
Base = declarative_base()


class User(Base):
    __tablename__ = "users"
    id = Column(Integer, primary_key=True)
    posts = relationship("Post")
"""


def linked(**sources: str) -> Project:
    """Modules by dotted name (``__`` for the dot) to their source."""
    modules = []
    for name, source in sources.items():
        dotted = name.replace("__", ".")
        package = dotted.endswith(".init")
        dotted = dotted.removesuffix(".init")
        path = dotted.replace(".", "/") + ("/__init__.py" if package else ".py")
        text = textwrap.dedent(source).encode()
        modules.append(lower(text, path, dotted, package))
    return link(modules, load((2, 0)))


def kinds_in(source: str, function: str = "f", prelude: str = PRELUDE) -> dict[str, Kind]:
    """The kind of every name a function of one module binds."""
    project = linked(m=prelude + textwrap.dedent(source))
    return names_of(project, "m", function)


def names_of(project: Project, module: str, function: str = "f") -> dict[str, Kind]:
    """The kind of every name a function binds."""
    found = project.knowledge.index.modules[module]
    return infer(found, found.functions[function], project.knowledge).cells
