"""What calls pass for the parameters of functions of the project."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from sqla_lint.project.kind import Kind, join

Key: TypeAlias = tuple[str, str]  # function label, parameter


class Given(NamedTuple):
    """What calls pass for a parameter: the kind of what is known there, and parameters of the
    callers that are passed on as they are and say nothing themselves."""

    kind: Kind | None = None
    sources: frozenset[Key] = frozenset()

    def also(self, other: Given) -> Given:
        """What these calls and those pass."""
        return Given(both(self.kind, other.kind), self.sources | other.sources)


Passed: TypeAlias = dict[Key, Given]


def both(a: Kind | None, b: Kind | None) -> Kind | None:
    """What is one kind here and another there; None says nothing yet."""
    if a is None or b is None:
        return b if a is None else a
    return join(a, b)
