"""Parameters that say nothing themselves: what the functions want that they are handed on to.

``def listed(session): return find(session, 1)`` with ``def find(session: Session, key): ...``: what
`listed` gets is a Session, or the program is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping

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


# A demand is handed up a chain of calls no longer than this.
CHAIN_LIMIT = 20

_Handed = list[tuple[Key, frozenset[Key]]]  # a parameter, and those that are handed on to it


def demanded(
    passed: Iterable[Passed],
    wanted: Callable[[Key], Kind],
    told: Container[Key],
    classes: Classes,
) -> dict[Key, Kind]:
    """What parameters must be, where all functions agree that they are handed on to.

    ``wanted`` says what a function wants for a parameter by itself, ``told`` tells those on which
    callers agree: they come first, and a caller that passes something else refutes a demand. What
    a function wants for such a parameter is still asked of others, or what a demand has made known
    would be what takes it back.
    """
    everything = list(passed)
    handed: _Handed = [
        (key, calls.through) for one in everything for key, calls in one.items() if calls.through
    ]
    given: dict[Key, set[Kind]] = {source: set() for _, some in handed for source in some}
    for one in everything:
        for key, calls in one.items():
            if key in given:
                given[key] |= calls.kinds
    own = {key: kind for key, _ in handed if _is_wanted(kind := wanted(key))}
    found: dict[Key, Kind] = {}
    for _ in range(CHAIN_LIMIT):
        more = {
            key: kind
            for key, kind in _handed_up(handed, found | own, classes).items()
            if kind.known and not _refuted(kind, given[key], classes)
        }
        if more == found:
            break
        found = more
    return {key: kind for key, kind in found.items() if key not in told and not _given(wanted(key))}


def _given(kind: Kind) -> bool:
    """A fixture or a dependency gives it, and knows more of it than who is handed it."""
    return kind.owner == "managed"


def _handed_up(handed: _Handed, kinds_of: Mapping[Key, Kind], classes: Classes) -> dict[Key, Kind]:
    """What parameters must be that are handed on to these."""
    found: dict[Key, Kind] = {}
    for key, sources in handed:
        kind = kinds_of.get(key)
        if kind is None:
            continue
        for source in sources:
            joined = both(found.get(source), kind, classes)
            found[source] = UNKNOWN if joined is None else joined
    return {
        key: kind._replace(owner="caller" if kind.owner else "", traits=kind.traits & _LASTING)
        for key, kind in found.items()
    }


def _is_wanted(kind: Kind) -> bool:
    return kind.name in _WANTED or kind.label in BY_FRAMEWORKS


# A function that wants a subclass says so; how a session was made only its maker knows.
_LASTING = frozenset({"subclass"})


def _refuted(kind: Kind, given: Iterable[Kind], classes: Classes) -> bool:
    """A caller passes what is surely something else."""
    return any(one.known and not (both(one, kind, classes) or UNKNOWN).known for one in given)
