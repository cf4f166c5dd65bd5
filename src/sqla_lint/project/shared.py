"""One object for all that are equal, of what is kept of functions and their operations: a large
program has millions of kinds, most of them alike."""

from __future__ import annotations

from sqla_lint.project.infer import Typed
from sqla_lint.project.kind import UNKNOWN, Kind


class Shared:
    """The kinds that were met, what they are made of, and the arguments of calls."""

    def __init__(self) -> None:
        self._kinds: dict[Kind, Kind] = {UNKNOWN: UNKNOWN}
        self._words: dict[frozenset[str], frozenset[str]] = {}
        self._arguments: dict[tuple[Kind, ...], tuple[Kind, ...]] = {}

    def share_names(self, typed: Typed) -> None:
        """Put the first of all equal kinds in the place of those of names."""
        cells = typed.cells
        for name, kind in cells.items():
            cells[name] = self._kinds.get(kind) or self._first(kind)

    def share(self, typed: Typed) -> None:
        """The same for those of operands, and for the arguments of calls."""
        known, first = self._kinds.get, self._first
        for rows in (typed.on, typed.dst):
            for row in rows:
                row[:] = [known(kind) or first(kind) for kind in row]
        arguments = self._arguments
        for taken in typed.args:
            for i, given in enumerate(taken):
                same = arguments.get(given)
                if same is None:
                    same = tuple([known(kind) or first(kind) for kind in given])
                    arguments[same] = same
                taken[i] = same

    def _first(self, kind: Kind) -> Kind:
        """Of a kind that was not met before, with parts that may have been."""
        words, known = self._words.setdefault, self._kinds.get
        one = kind._replace(
            of=tuple([known(inner) or self._first(inner) for inner in kind.of]),
            traits=words(kind.traits, kind.traits),
            loaded=words(kind.loaded, kind.loaded),
        )
        self._kinds[one] = one
        return one

    def clear(self) -> None:
        """Nothing more is to come."""
        self._kinds = {UNKNOWN: UNKNOWN}
        self._words.clear()
        self._arguments.clear()
