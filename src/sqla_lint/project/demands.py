"""Parameters that say nothing themselves: what the functions want that they are handed on to.

``def listed(session): return find(session, 1)`` with ``def find(session: Session, key): ...``: what
`listed` gets is a Session, or the program is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from sqla_lint.catalog import kinds
from sqla_lint.project.callers import BY_FRAMEWORKS
from sqla_lint.project.classes import Classes
from sqla_lint.project.kind import UNKNOWN, Kind
from sqla_lint.project.passed import Key, Passed, both

_WANTED = frozenset(
    {
        kinds.CONNECTION,
        kinds.ENGINE,
        kinds.INSTANCE,
        kinds.QUERY,
        kinds.SCOPED_SESSION,
        kinds.SESSION,
        kinds.SESSION_FACTORY,
    }
)


def demanded(
    passed: Iterable[Passed],
    parameter: Callable[[Key], Kind],
    told: Mapping[Key, Kind],
    classes: Classes,
) -> dict[Key, Kind]:
    """What parameters must be, where all functions agree that they are handed on to.

    ``parameter`` says what a parameter is known to be, ``told`` what callers agree on: they come
    first, and a caller that passes something else refutes a demand.
    """
    found: dict[Key, Kind] = {}
    given: dict[Key, set[Kind]] = {}
    for one in passed:
        for key, calls in one.items():
            given.setdefault(key, set()).update(calls.kinds)
            if not calls.through:
                continue
            kind = parameter(key)
            if kind.name not in _WANTED and kind.label not in BY_FRAMEWORKS:
                continue
            for source in calls.through:
                joined = both(found.get(source), kind, classes)
                found[source] = UNKNOWN if joined is None else joined
    return {
        key: kind._replace(owner="caller" if kind.owner else "", traits=kind.traits & _LASTING)
        for key, kind in found.items()
        if kind.known and key not in told and not _refuted(kind, given.get(key, set()), classes)
    }


# A function that wants a subclass says so; how a session was made only its maker knows.
_LASTING = frozenset({"subclass"})


def _refuted(kind: Kind, given: set[Kind], classes: Classes) -> bool:
    """A caller passes what is surely something else."""
    return any(one.known and not (both(one, kind, classes) or UNKNOWN).known for one in given)
