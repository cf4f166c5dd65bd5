"""Functions that start work beside themselves, or are such work, and may not touch a database."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.project.infer import Typed
from sqla_lint.project.kind import MODULE
from sqla_lint.project.knowledge import Knowledge
from sqla_lint.project.workers import starts_work

_FORKS = frozenset({"fork", "forkpty"})
_CALLED = frozenset({kinds.FUNCTION, kinds.INSTANCE, kinds.CLASS, MODULE})


def works_beside(typed: Typed, knowledge: Knowledge) -> bool:
    """Starts threads or tasks, or is a coroutine that calls functions of the project: what those
    share or wait for is found where they are started and called."""
    if any(op.name in _FORKS for _, _, op in knowledge.outlined(typed.function).calls):
        return True
    if typed.function.is_async and not _CALLED.isdisjoint(typed.present):
        return True
    return any(starts_work(label) for label in typed.foreign)
