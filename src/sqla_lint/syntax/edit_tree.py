"""A located file as edits see it: what each node stands in, its lines, strings and comments."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import TypeAlias

import libcst as cst

from sqla_lint.ir import Ref
from sqla_lint.syntax.deep import deeply
from sqla_lint.syntax.edit_text import EditError
from sqla_lint.syntax.fields import CHILDREN
from sqla_lint.syntax.locate import Located
from sqla_lint.syntax.parse import parse_text

Stretch: TypeAlias = tuple[int, int]


def children(node: cst.CSTNode) -> Iterator[tuple[str, cst.CSTNode]]:
    """The parts of a node that have a meaning, each with the field it stands in."""
    for name in CHILDREN[type(node)]:
        value = getattr(node, name)
        if isinstance(value, (list, tuple)):
            for item in value:
                yield name, item
        elif isinstance(value, cst.CSTNode):
            yield name, value


def walk(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A node and everything below it, without recursion."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(child for _, child in children(node))


def _outermost(stretches: list[Stretch]) -> list[Stretch]:
    """Sorted, without those that lie in another, as strings do in f-strings."""
    kept: list[Stretch] = []
    for stretch in sorted(stretches, key=lambda stretch: (stretch[0], -stretch[1])):
        if not kept or stretch[0] >= kept[-1][1]:
            kept.append(stretch)
    return kept


class Tree(Located):
    """A located file, with what surrounds each node, its lines, strings and comments."""

    def __init__(self, text: str, module: cst.Module) -> None:
        """To be called where the stack is deep (`deep.deeply`)."""
        super().__init__(text, module)
        self._refs: dict[int, Ref] = {}
        self._above: dict[int, tuple[cst.CSTNode, str]] = {}
        strings: list[Stretch] = []
        for ref, node in enumerate(self._nodes):
            self._refs[id(node)] = ref
            for field, child in children(node):
                self._above[id(child)] = (node, field)
            if isinstance(node, (cst.SimpleString, cst.FormattedString, cst.TemplatedString)):
                strings.append(self.offsets(ref))
        self._strings = _outermost(strings)

    # --- nodes ---------------------------------------------------------------------------------

    def node(self, ref: Ref) -> cst.CSTNode:
        if not 0 <= ref < len(self):
            raise EditError("the rewrite names a node that is not there")
        return super().node(ref)

    @property
    def nodes(self) -> Sequence[cst.CSTNode]:
        """All nodes in the order of the source; the index is the ref."""
        return self._nodes

    def above(self, node: cst.CSTNode) -> tuple[cst.CSTNode, str] | None:
        """What a node stands in, and in which field."""
        return self._above.get(id(node))

    def ancestors(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """What a node stands in, innermost first."""
        found = self.above(node)
        while found is not None:
            yield found[0]
            found = self.above(found[0])

    def extent(self, node: cst.CSTNode) -> Stretch:
        """Where a node begins and ends: its own parentheses included, whitespace not."""
        if isinstance(node, cst.BaseExpression) and node.lpar:
            return self._map.stretch(self._outer[id(node)])
        return self.bare_extent(node)

    def bare_extent(self, node: cst.CSTNode) -> Stretch:
        """Where an expression begins and ends within its own parentheses."""
        return self.offsets(self._refs[id(node)])

    def source(self, node: cst.CSTNode) -> str:
        start, end = self.extent(node)
        return self.text[start:end]

    # --- lines ---------------------------------------------------------------------------------

    def line_start(self, position: int) -> int:
        """Where the line of a position begins."""
        return self._lines[bisect_right(self._lines, position) - 1]

    def next_line(self, position: int) -> int:
        """Where the line after that of a position begins; the end of the text on the last."""
        index = bisect_right(self._lines, position)
        return self._lines[index] if index < len(self._lines) else len(self.text)

    def line_end(self, position: int) -> int:
        """Where the line of a position ends, before its newline."""
        end = self.next_line(position)
        start = self.line_start(position)
        return start + len(self.text[start:end].rstrip("\r\n"))

    def line_starts(self, start: int, end: int) -> list[int]:
        """The beginnings of lines in [start, end)."""
        first = bisect_right(self._lines, start - 1)
        return self._lines[first : bisect_right(self._lines, end - 1)]

    def newline(self, position: int) -> str:
        """How the line of a position ends; where it does not, how the one before does."""
        end, following = self.line_end(position), self.next_line(position)
        if following > end:
            return self.text[end:following]
        start = self.line_start(position)
        return self.newline(start - 1) if start else self.module.default_newline

    # --- strings and comments ------------------------------------------------------------------

    def in_string(self, position: int) -> bool:
        """Whether a position lies inside a string literal, behind its first character."""
        index = bisect_right(self._strings, (position - 1, len(self.text))) - 1
        return index >= 0 and position < self._strings[index][1]

    def comments(self, start: int, end: int) -> list[str]:
        """The comments in [start, end), in order."""
        found = []
        position = start
        while (position := self.text.find("#", position, end)) >= 0:
            if self.in_string(position):
                position += 1
                continue
            stop = min(self.line_end(position), end)
            found.append(self.text[position:stop].rstrip())
            position = stop
        return found


def read(text: str, path: str) -> Tree:
    """The tree of a text. Raises `ParseFailure`."""
    return deeply(lambda: Tree(text, parse_text(text, path)))
