"""Finds refs in the text again: only files with findings pay for positions.

Positions are recorded while libcst writes its tree back as text (`positions`), which is cheap next
to its metadata providers. Where what it writes differs from the file (it drops a form feed here and
there) the two differ in whitespace only, so that the characters which are none match one to one.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from typing import Final

import libcst as cst

from sqla_lint.finding import Span
from sqla_lint.ir import Ref
from sqla_lint.syntax import refs as numbering
from sqla_lint.syntax.deep import deeply
from sqla_lint.syntax.parse import decode, parse_text
from sqla_lint.syntax.positions import Stretch, record

_NEWLINE: Final = re.compile(r"\r\n|\r|\n")
_SPACE: Final = re.compile(r"(?:[\s\\]|#[^\r\n]*)*")
_VISIBLE: Final = re.compile(r"\S")

# libcst does not record these itself. They begin with whitespace of their own …
_AFTER_SPACE: Final = (cst.AsName, cst.CompFor, cst.CompIf, cst.ComparisonTarget)
# … or end with a comma: they reach from their first part to their last.
_BY_PARTS: Final = (cst.Parameters, cst.TypeParam)


def locate(source: bytes, refs: Iterable[Ref]) -> dict[Ref, Span]:
    """The spans of the refs; those the file does not have are left out."""
    wanted = sorted(set(refs))
    if not wanted:
        return {}
    located = index(source)
    return {ref: located.span(ref) for ref in wanted if 0 <= ref < len(located)}


def index(source: bytes, path: str = "") -> Located:
    """A parsed file whose nodes know their places. Raises `ParseFailure`."""

    def work() -> Located:
        text = decode(source, path)
        return Located(text, parse_text(text, path))

    return deeply(work)


class Located:
    """A text and its tree, with node, parent and place of every ref.

    The span of a definition begins at its ``def`` or ``class``, its offsets at its first
    decorator. Parentheses around an expression are not part of it.
    """

    def __init__(self, text: str, module: cst.Module) -> None:
        """To be called where the stack is deep (`deep.deeply`)."""
        self.text = text
        self.module = module
        self._nodes, self._parents = numbering.walk(module)
        recorded = record(self._nodes, self._parents)
        self._outer, self._inner = recorded.outer, recorded.inner
        self._map = _Alignment(recorded.text, text)
        self._lines = [0, *(match.end() for match in _NEWLINE.finditer(text))]

    def __len__(self) -> int:
        return len(self._nodes)

    def node(self, ref: Ref) -> cst.CSTNode:
        return self._nodes[ref]

    def parent(self, ref: Ref) -> Ref | None:
        parent = self._parents[ref]
        return None if parent < 0 else parent

    def span(self, ref: Ref) -> Span:
        start, end = self.stretch(ref)
        line, column = self.position(start)
        end_line, end_column = self.position(end)
        return Span(line, column, end_line, end_column)

    def offsets(self, ref: Ref) -> Stretch:
        """Where the node begins and ends in `text`, decorators included."""
        start, end = self.stretch(ref)
        node = self._nodes[ref]
        if isinstance(node, (cst.FunctionDef, cst.ClassDef)):
            if node.decorators:
                start = self.stretch(ref + 1)[0]
        elif isinstance(node, cst.IndentedBlock) and node.body:
            start = self.offsets(ref + 1)[0]
        return start, end

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of a character, both from 1."""
        line = bisect_right(self._lines, offset)
        return line, offset - self._lines[line - 1] + 1

    def stretch(self, ref: Ref) -> Stretch:
        """Where the node begins and ends in `text`, without its decorators."""
        node = self._nodes[ref]
        found = self._inner.get(id(node))
        if found is not None:
            start, end = self._map.stretch(found)
            if isinstance(node, cst.Param):  # libcst records its name only
                end = max(end, *(self.stretch(one)[1] for one in self._parts(ref)))
            return start, end
        start, end = self._map.stretch(self._outer.get(id(node), (0, 0)))
        if isinstance(node, _AFTER_SPACE):
            space = _SPACE.match(self.text, start, end)
            return (space.end() if space else start), end
        if isinstance(node, _BY_PARTS):
            parts = [self.stretch(one) for one in self._parts(ref)]
            if parts:
                return parts[0][0], parts[-1][1]
        if isinstance(node, (cst.ParamStar, cst.ParamSlash)):
            return start, min(start + 1, end)
        return start, end

    def _parts(self, ref: Ref) -> list[Ref]:
        parts = []
        for one in range(ref + 1, len(self._nodes)):
            if self._parents[one] < ref:
                break
            if self._parents[one] == ref:
                parts.append(one)
        return parts


class _Alignment:
    """From places in the text libcst wrote to places in the text of the file."""

    def __init__(self, written: str, text: str) -> None:
        self._same = written == text
        if not self._same:
            self._written = [match.start() for match in _VISIBLE.finditer(written)]
            self._text = [match.start() for match in _VISIBLE.finditer(text)]
            self._end = len(text)

    def stretch(self, place: Stretch) -> Stretch:
        if self._same:
            return place
        first = bisect_left(self._written, place[0])
        last = bisect_left(self._written, place[1]) - 1
        start = self._text[first] if first < len(self._text) else self._end
        if last < first:
            return start, start
        end = self._text[last] + 1 if last < len(self._text) else self._end
        return start, end
