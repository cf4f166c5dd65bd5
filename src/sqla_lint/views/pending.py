"""What a commit that failed had still to send: changes, or nothing at all."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.flow.solve import End
from sqla_lint.views.function import Function
from sqla_lint.views.units import follows

_SENT = frozenset({"write", "flush", "read", "execute", "expunge"})
_GIVEN = frozenset({"add", "load"})


def was_pending(function: Function, end: End) -> bool:
    """A flush failed; False where everything had been sent, and the database refused to commit."""
    if function.op(end.mark).name != "commit" and function.op(end.mark).do != "await":
        return True
    return next((what in _GIVEN for what in _before(function, end)), True)


def commits_nothing(function: Function, end: End) -> bool:
    """The session was given to the function, has run a query since, which has sent what there was,
    and nothing in the function changes anything: there is nothing whose commit could fail."""
    if any(_before(function, end)):
        return False
    changes = any(
        op.do in ("setattr", "setitem", "augassign") and op.on != "self"
        for _, _, op in function.positions
    )
    uses = function.uses(end.root)
    where = {id(op): (number, i) for number, i, op in function.positions}
    asked = any(
        "read" in use.happening.events and follows(function, where[id(use.op)], end.mark)
        for use in uses
    )
    wrote = any({"add", "write", "flush", "load"} & set(use.happening.events) for use in uses)
    return asked and not changes and not wrote


def _before(function: Function, end: End) -> Iterator[str]:
    """What was done to the session before the operation that failed, last first."""
    failed = function.op(end.mark)
    trail, passed = end.trail, False
    while trail is not None:
        if passed and trail.what in _SENT | _GIVEN:
            yield trail.what
        passed = passed or (trail.op is failed and trail.what == "raises")
        trail = trail.before
