"""Changes to a text as data: what to put where, made in one go, with positions carried along."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple


class TextEdit(NamedTuple):
    """Put ``new`` in place of ``text[start:end]``."""

    start: int
    end: int
    new: str


class NewImport(NamedTuple):
    """``from module import name [as alias]``, to be added at the head of the module."""

    module: str
    name: str
    alias: str = ""

    @property
    def clause(self) -> str:
        return f"{self.name} as {self.alias}" if self.alias else self.name


@dataclass(frozen=True, slots=True)
class TextEdits:
    """What a rewrite does to the text.

    ``edits`` do not overlap and are sorted; ``imports`` are placed once for all rewrites of a file;
    ``claims`` are the stretches no other rewrite may touch at the same time. ``needed`` is the
    first place where an import of ours is used while the module is being imported.
    """

    edits: tuple[TextEdit, ...]
    imports: frozenset[NewImport] = frozenset()
    claims: tuple[tuple[int, int], ...] = ()
    needed: int | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a rewrite cannot be done here."""

    reason: str


class EditError(Exception):
    """Raised where a rewrite turns out impossible; becomes a `Refusal` at the boundary."""


def in_order(edits: Iterable[TextEdit]) -> tuple[TextEdit, ...]:
    """Sorted by position; edits at the same point stay in the order they were given."""
    return tuple(sorted(edits, key=lambda edit: (edit.start, edit.end)))


def overlapping(edits: tuple[TextEdit, ...]) -> bool:
    """Whether two sorted edits want the same characters."""
    return any(later.start < earlier.end for earlier, later in pairwise(edits))


def clash(one: Iterable[tuple[int, int]], other: Iterable[tuple[int, int]]) -> bool:
    """Whether two sets of stretches share a character, or insert at the same point.

    A stretch that only touches another's end does not clash, except an empty one: which of two
    insertions comes first is nobody's to guess.
    """
    others = list(other)
    return any(
        (start < stop and begin < end) or (start == begin and (start == end or begin == stop))
        for start, end in one
        for begin, stop in others
    )


def apply(text: str, edits: tuple[TextEdit, ...]) -> str:
    """The text with sorted edits made."""
    parts: list[str] = []
    done = 0
    for start, end, new in edits:
        parts += (text[done:start], new)
        done = end
    parts.append(text[done:])
    return "".join(parts)


class Shift:
    """Where a position of the old text is in the new one."""

    def __init__(self, edits: tuple[TextEdit, ...]) -> None:
        self._starts = [edit.start for edit in edits]
        self._edits = edits
        self._moved: list[int] = [0]
        for edit in edits:
            self._moved.append(self._moved[-1] + len(edit.new) - (edit.end - edit.start))

    def __call__(self, position: int) -> int:
        """A position inside replaced text goes to the start of what replaced it; one at which
        text is inserted goes behind that text."""
        before = bisect_left(self._starts, position)
        while before < len(self._edits) and self._edits[before].end <= position:
            before += 1  # insertions exactly here
        if before and self._edits[before - 1].end > position:
            return self._edits[before - 1].start + self._moved[before - 1]
        return position + self._moved[before]
