"""Results that nobody holds: they are read to their end where they are made, or dropped there."""

from __future__ import annotations

from sqla_lint.views.function import Call

_READERS = frozenset(
    {"all", "fetchall", "first", "one", "one_or_none", "scalar", "scalar_one", "scalar_one_or_none"}
)
# Views of a result: what is read of them is read of it.
_VIEWS = frozenset({"scalars", "mappings", "unique"})
_CHAIN = 4


def is_read_at_once(call: Call) -> bool:
    """What a call gives has no name, and is read completely: ``execute(...).fetchall()``; or the
    call is `scalar()`, which does so itself; or it is dropped, and closed with its last reference:
    ``execute("VACUUM")``."""
    if call.name == "scalar" or call.op.discarded:
        return True
    place = call.op.dst
    for _ in range(_CHAIN):
        readers = call.function.readers.get(place, []) if place is not None else []
        if place is None or place[0] != "%" or len(readers) != 1:
            return False
        [reader] = readers
        if reader.do != "call" or reader.on != place:
            return False
        if reader.name in _READERS:
            return True
        if reader.name not in _VIEWS:
            return False
        place = reader.dst
    return False
