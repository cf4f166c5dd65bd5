"""Where every node of a tree stands in the text, and what it stands in: the ground of all edits.

Positions come from one walk of libcst's own code generator, which knows the place of each node,
its parentheses and the whitespace it owns.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager

import libcst as cst
from libcst._nodes.internal import CodegenState

from sqla_lint.ir import Ref
from sqla_lint.syntax import refs
from sqla_lint.syntax.deep import deeply
from sqla_lint.syntax.edit_text import EditError
from sqla_lint.syntax.fields import CHILDREN
from sqla_lint.syntax.parse import parse_text

Stretch = tuple[int, int]

_NEWLINE = re.compile(r"\r\n|\r|\n")


class _Recorder(CodegenState):
    """Writes the code of a tree and notes where each node begins and ends."""

    def __init__(self, module: cst.Module) -> None:
        super().__init__(module.default_indent, module.default_newline)
        self.position = 0
        self.outer: dict[int, Stretch] = {}
        self.inner: dict[int, Stretch] = {}
        self._starts: list[int] = []

    def add_indent_tokens(self) -> None:
        for token in self.indent_tokens:
            self.add_token(token)

    def add_token(self, value: str) -> None:
        self.tokens.append(value)
        self.position += len(value)

    def before_codegen(self, node: cst.CSTNode) -> None:
        self._starts.append(self.position)

    def after_codegen(self, node: cst.CSTNode) -> None:
        self.outer[id(node)] = (self._starts.pop(), self.position)

    @contextmanager
    def record_syntactic_position(
        self,
        node: cst.CSTNode,
        *,
        start_node: cst.CSTNode | None = None,
        end_node: cst.CSTNode | None = None,
    ) -> Iterator[None]:
        start = self.position
        yield
        end = self.position
        if start_node is not None:
            start = self._of(start_node)[0]
        if end_node is not None:
            end = self._of(end_node)[1]
        self.inner[id(node)] = (start, end)

    def _of(self, node: cst.CSTNode) -> Stretch:
        found = self.inner.get(id(node))
        return self.outer[id(node)] if found is None else found


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


class Tree:
    """A parsed file with positions, parents and lines."""

    def __init__(self, text: str, path: str) -> None:
        """To be called where the stack is deep (`deep.deeply`)."""
        self.text = text
        self.module = parse_text(text, path)
        self._nodes, _ = refs.walk(self.module)
        recorder = _Recorder(self.module)
        self.module._codegen(recorder)
        self._outer = recorder.outer
        self._inner = recorder.inner
        self._align("".join(recorder.tokens))
        self._parents: dict[int, tuple[cst.CSTNode, str]] = {}
        strings: list[Stretch] = []
        for node in self._nodes:
            for name, child in children(node):
                self._parents[id(child)] = (node, name)
            if isinstance(node, (cst.SimpleString, cst.FormattedString, cst.TemplatedString)):
                strings.append(self.bare_span(node))
        self._strings = _outermost(strings)
        self._line_starts = [0, *(match.end() for match in _NEWLINE.finditer(text))]

    def _align(self, code: str) -> None:
        """libcst drops a form feed before a statement; positions must not care."""
        self._breaks, self._lag = [0], [0]
        if code == self.text:
            return
        here = there = 0
        while there < len(self.text):
            if here < len(code) and code[here] == self.text[there]:
                here, there = here + 1, there + 1
                continue
            if self.text[there] == "\f":
                there += 1
            elif here < len(code) and code[here] == "\f":
                here += 1
            elif here == len(code) and not self.text[there:].strip():
                break
            else:
                raise EditError("the syntax tree does not reproduce this file exactly")
            self._breaks.append(here)
            self._lag.append(there - here)

    def _real(self, stretch: Stretch) -> Stretch:
        if len(self._breaks) == 1:
            return stretch
        start, end = stretch
        lag = self._lag
        return (
            start + lag[bisect_right(self._breaks, start) - 1],
            end + lag[max(bisect_right(self._breaks, end - 1) - 1, 0)],
        )

    # --- nodes ---------------------------------------------------------------------------------

    def node(self, ref: Ref) -> cst.CSTNode:
        if not 0 <= ref < len(self._nodes):
            raise EditError("the rewrite names a node that is not there")
        return self._nodes[ref]

    @property
    def nodes(self) -> list[cst.CSTNode]:
        """All nodes in the order of the source; the index is the ref."""
        return self._nodes

    def parent(self, node: cst.CSTNode) -> tuple[cst.CSTNode, str] | None:
        """What a node stands in, and in which field."""
        return self._parents.get(id(node))

    def ancestors(self, node: cst.CSTNode) -> Iterator[cst.CSTNode]:
        """What a node stands in, innermost first."""
        found = self.parent(node)
        while found is not None:
            yield found[0]
            found = self.parent(found[0])

    def span(self, node: cst.CSTNode) -> Stretch:
        """The text of a node without surrounding whitespace, parentheses included.

        A decorated definition begins with its first decorator.
        """
        if isinstance(node, cst.BaseExpression) and node.lpar:
            return self._real(self._outer[id(node)])
        found = self._inner.get(id(node))
        start, end = self._real(self._outer[id(node)] if found is None else found)
        if isinstance(node, (cst.FunctionDef, cst.ClassDef)) and node.decorators:
            start = self.span(node.decorators[0])[0]
        while start < end and self.text[start].isspace():
            start += 1  # libcst counts the space before `as` and comparison operators
        return start, end

    def bare_span(self, node: cst.CSTNode) -> Stretch:
        """The text of an expression without its own parentheses."""
        return self._real(self._inner.get(id(node), self._outer[id(node)]))

    def source(self, node: cst.CSTNode) -> str:
        start, end = self.span(node)
        return self.text[start:end]

    # --- lines ---------------------------------------------------------------------------------

    def line_start(self, position: int) -> int:
        """Where the line of a position begins."""
        return self._line_starts[bisect_right(self._line_starts, position) - 1]

    def next_line(self, position: int) -> int:
        """Where the line after that of a position begins; the end of the text on the last."""
        index = bisect_right(self._line_starts, position)
        return self._line_starts[index] if index < len(self._line_starts) else len(self.text)

    def line_end(self, position: int) -> int:
        """Where the line of a position ends, before its newline."""
        end = self.next_line(position)
        start = self.line_start(position)
        return start + len(self.text[start:end].rstrip("\r\n"))

    def line_starts(self, start: int, end: int) -> list[int]:
        """The beginnings of lines in [start, end)."""
        first = bisect_right(self._line_starts, start - 1)
        return self._line_starts[first : bisect_right(self._line_starts, end - 1)]

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
    """The tree of a text. Raises `ParseFailure`, or `EditError` where libcst loses a character."""
    return deeply(lambda: Tree(text, path))
