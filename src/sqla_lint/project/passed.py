"""What calls pass for the parameters of functions of the project."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from sqla_lint.catalog import kinds
from sqla_lint.project.classes import Classes
from sqla_lint.project.kind import UNKNOWN, Kind, join

Key: TypeAlias = tuple[str, str]  # function label, parameter


class Given(NamedTuple):
    """What calls pass for a parameter: the kinds of what is known there, and parameters of the
    callers that are passed on as they are and say nothing themselves. ``through`` are all
    parameters that are passed on as they are."""

    kinds: frozenset[Kind] = frozenset()
    sources: frozenset[Key] = frozenset()
    through: frozenset[Key] = frozenset()

    def also(self, other: Given) -> Given:
        """What these calls and those pass."""
        return Given(
            self.kinds | other.kinds,
            self.sources | other.sources,
            self.through | other.through,
        )


Passed: TypeAlias = dict[Key, Given]


def both(a: Kind | None, b: Kind | None, classes: Classes) -> Kind | None:
    """What is one kind here and another there; None says nothing yet.

    Objects of two classes are objects of the class that both stand on.
    """
    if a is None or b is None:
        return b if a is None else a
    if a.name == b.name == kinds.INSTANCE and a.label != b.label:
        label = _common(a.label, b.label, classes)
        return Kind(kinds.INSTANCE, label=label) if label else UNKNOWN
    return join(a, b)


def _common(a: str, b: str, classes: Classes) -> str:
    above = {info.label for info in classes.ancestry(b)}
    return next((info.label for info in classes.ancestry(a) if info.label in above), "")
