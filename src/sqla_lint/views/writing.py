"""Whether a function means its changes to be written."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.views.farwrites import calls_inside
from sqla_lint.views.function import Function

# Calls that tell the session, or that send what it has: without one nothing is meant to be written.
_WRITING = frozenset({"commit", "flush", "add", "add_all", "merge", "begin"})
_SENDERS = frozenset(
    {kinds.SESSION, kinds.SCOPED_SESSION, kinds.SESSION_FACTORY, kinds.TRANSACTION}
)


def writes(function: Function) -> bool:
    """The function, or one that it calls, sends what its session holds."""
    return _sends(function) or any(_sends(one.function) for one in calls_inside(function))


def _sends(function: Function) -> bool:
    return any(
        operation.op.do == "call"
        and operation.op.name in _WRITING
        and operation.on.name in _SENDERS
        for operation in function.operations()
    )
