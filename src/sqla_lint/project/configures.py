"""Functions that set up a database without touching one: imports, URLs, keys of a configuration."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.project.infer import Typed
from sqla_lint.project.knowledge import Knowledge

_LIBRARIES = ("sqlalchemy", "sqlmodel", "flask_sqlalchemy", "alembic")
# What is asked of them is about the set-up, too.
_PARTS = frozenset({kinds.TABLE, kinds.INSPECTOR, kinds.ROW, kinds.URL})


def configures(typed: Typed, knowledge: Knowledge) -> bool:
    """Uses names of SQLAlchemy or of a library that stands on it, or sets a key that they read."""
    return (
        not _PARTS.isdisjoint(typed.present)
        or knowledge.outlined(typed.function).sets_key
        or any(label.startswith(_LIBRARIES) for label in typed.done_on | typed.given)
    )
