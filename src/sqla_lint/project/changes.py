"""When the answers to questions last changed: who asked need not ask again until then."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import TypeAlias

Question: TypeAlias = tuple[str, ...]  # what about, whose, which name

# What is asked of a class is answered by the class or one above it.
_OF_CLASSES = frozenset({"attribute", "method", "class", "bases", "fields", "overridden"})

# What rests on more than can be told here is asked again every time.
_OF_MANY = frozenset({"fixture"})
_ANY_CLASS = ("classes",)


class Changes:
    """A clock that goes on with each change, and the time of the last one of each answer."""

    def __init__(self) -> None:
        self.now = 0
        self._last: dict[Question, int] = {}

    def note(self, *key: str) -> None:
        """Something else is known from now on."""
        self.now += 1
        self._last[key] = self.now
        if key[0] == "class":
            self._last[_ANY_CLASS] = self.now

    def forget(self) -> None:
        """Nobody is going to ask about what has happened so far."""
        self._last.clear()

    def happened(self, keys: Iterable[Question], since: int) -> bool:
        """Whether one of these has changed after that time."""
        last = self._last
        return any(last.get(key, 0) > since for key in keys)


_IMPLEMENTED = ("implemented",)


@lru_cache(8192)
def _of_class(label: str) -> Question:
    """One for all who ask about a class."""
    return ("class", label)


def rests_on(
    asked: Iterable[Question], lineage: Callable[[str], Iterable[str]]
) -> tuple[Question, ...] | None:
    """What the answers to these questions change with; None when that cannot be told. ``lineage``
    gives a class and those above it."""
    keys: set[Question] = set()
    for question in asked:
        about = question[0]
        if about in _OF_MANY:
            return None
        if about in ("implemented", "named"):
            keys.add(_IMPLEMENTED)  # any class may stand below another, or have that name
        elif about == "below":
            keys.update((_IMPLEMENTED, _ANY_CLASS))
        elif about not in _OF_CLASSES:
            keys.add(question)
        elif (own := _of_class(question[1])) not in keys:
            keys.add(own)
            keys.update([_of_class(label) for label in lineage(question[1])])
    return tuple(keys)
