"""What a class of the project gives that overrides what SQLAlchemy's methods are made of."""

# ruff: noqa: E501

from __future__ import annotations

import pytest
from tests.project.program import kinds_in

# class, what makes an object of it `c`, expression, kind of what it gives
HOOKS = {
    "an execution context": (
        "class C(Connection):\n    def _execute_context(self, *args):\n        return object()\n",
        "C(engine)",
        "c.execute(select(User))",
        "UNKNOWN",
    ),
    "nothing of it": (
        "class C(Connection):\n    def _execute_later(self, *args):\n        return object()\n",
        "C(engine)",
        "c.execute(select(User))",
        "RESULT",
    ),
    "the inside of a Session": (
        "class C(Session):\n    def _execute_internal(self, *args, **more):\n        return Lazy()\n",
        "C(engine)",
        "c.scalars(select(User))",
        "UNKNOWN",
    ),
    "the inside of a base": (
        "class B(Session):\n    def _get_impl(self, *args, **more):\n        return Lazy()\n"
        "class C(B): ...\n",
        "C(engine)",
        "c.get(User, 1)",
        "UNKNOWN",
    ),
    "`execute` that gives a result of its own": (
        "class C(Connection):\n    def execute(self, *args):\n        return Lazy()\n",
        "C(engine)",
        "c.scalars(select(User))",
        "UNKNOWN",
    ),
    "`execute` that only looks on": (
        "class C(Connection):\n"
        "    def execute(self, statement):\n        return super().execute(statement)\n",
        "C(engine)",
        "c.scalars(select(User))",
        "SCALARS",
    ),
    "`execute` of a Session, which nothing rests on": (
        "class C(Session):\n    def execute(self, *args):\n        return Lazy()\n",
        "C(engine)",
        "c.scalars(select(User))",
        "SCALARS",
    ),
    "`execute` of an AsyncSession": (
        "class C(AsyncSession):\n    async def execute(self, *args):\n        return Lazy()\n",
        "C(async_engine)",
        "c.scalars(select(User))",
        "UNKNOWN",
    ),
    "the class of an engine's connections": (
        "class C(Engine):\n    _connection_cls = Special\n",
        "C(None, None, None)",
        "c.connect()",
        "UNKNOWN",
    ),
    "how a factory is called": (
        "class C(sessionmaker):\n    def __call__(self, **words):\n        return Lazy()\n",
        "C(engine)",
        "c()",
        "FOREIGN",
    ),
    "how a factory is called, with a session all the same": (
        "class C(sessionmaker):\n    def __call__(self, **words):\n        return Session(engine)\n",
        "C(engine)",
        "c()",
        "SESSION",
    ),
}


@pytest.mark.parametrize(("made", "of", "does", "gives"), HOOKS.values(), ids=HOOKS)
def test_what_it_gives(made: str, of: str, does: str, gives: str) -> None:
    source = (
        "from sqlalchemy.engine import Connection, Engine\n"
        f"{made}\ndef f():\n    c = {of}\n    x = {does}\n"
    )
    assert kinds_in(source)["x"].name == gives


def test_what_is_entered() -> None:
    made = "class C(Session):\n    def __enter__(self):\n        return engine\n"
    found = kinds_in(f"{made}\ndef f():\n    with C(engine) as x:\n        pass\n")
    assert found["x"].name == "ENGINE"
