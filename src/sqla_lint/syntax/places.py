"""Finds refs in the text statement by statement: the rest of a file need not be parsed again.

Lowering keeps the ref of each statement (`Module.starts`). Python's own parser, which takes a tenth
of libcst's time, tells where the statements stand; libcst then parses those only that are asked
for, and of a compound one no more than its head. What this cannot tell is left to `locate`.
"""

from __future__ import annotations

import ast
import re
import warnings
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, TypeAlias

import libcst as cst

from sqla_lint.finding import Span
from sqla_lint.ir import Ref
from sqla_lint.syntax.deep import deeply
from sqla_lint.syntax.locate import Located
from sqla_lint.syntax.locate import locate as locate_in_tree
from sqla_lint.syntax.parse import ParseFailure, decode, parse_text

_NEWLINE: Final = re.compile(r"\r\n|\r|\n")
_INDENT: Final = re.compile(r"[ \t\f]*")

_SUITES: Final = (cst.BaseSuite, cst.SimpleStatementLine)


_Statement: TypeAlias = ast.stmt | ast.ExceptHandler


class _Piece(NamedTuple):
    """A statement, or the head of one, parsed by itself.

    ``first`` is the ref that the statement has there, ``shift`` leads from places there to places
    in the file.
    """

    located: Located
    first: Ref
    shift: int


def locate(source: bytes, refs: Iterable[Ref], starts: Sequence[Ref] = ()) -> dict[Ref, Span]:
    """The spans of the refs; those the file does not have are left out. ``starts`` are those of
    the module that was lowered from these bytes."""
    wanted = set(refs)
    if not starts or not wanted:
        return locate_in_tree(source, wanted)
    found = deeply(lambda: places(decode(source, ""), sorted(wanted), starts))
    left = wanted - found.keys()
    return found | locate_in_tree(source, left) if left else found


def places(text: str, refs: Iterable[Ref], starts: Sequence[Ref]) -> dict[Ref, Span]:
    """The spans of those refs that can be found this way. To be called where the stack is deep."""
    file = _File(text, starts)
    found: dict[Ref, Span] = {}
    for ref in refs if file.statements else ():
        span = file.span(ref)
        if span is not None:
            found[ref] = span
    return found


class _File:
    def __init__(self, text: str, starts: Sequence[Ref]) -> None:
        self.text = text
        self.starts = starts
        self.lines = [0, *(match.end() for match in _NEWLINE.finditer(text))]
        self.statements = _statements(text)
        if len(self.statements) != len(starts):  # another Python
            self.statements = []
        self._pieces: dict[int, _Piece | None] = {}

    def span(self, ref: Ref) -> Span | None:
        number = bisect_right(self.starts, ref) - 1
        if number < 0:
            return None
        if ref == self.starts[number] and _body(self.statements[number]):
            return self._whole(self.statements[number])
        if number not in self._pieces:
            self._pieces[number] = self._piece(self.statements[number])
        piece = self._pieces[number]
        if piece is None:
            return None
        there = ref - self.starts[number] + piece.first
        if there >= len(piece.located):  # an `else`, a handler: what follows the statement
            return None
        node = piece.located.node(there)
        if isinstance(node, _SUITES):  # of which only the beginning is there
            return None
        start, end = piece.located.stretch(there)
        return Span(*self._position(start + piece.shift), *self._position(end + piece.shift))

    def _whole(self, statement: _Statement) -> Span:
        """A statement from its first word to its end."""
        start = self._offset(statement.lineno, statement.col_offset)
        end = self._offset(statement.end_lineno or 0, statement.end_col_offset or 0)
        return Span(*self._position(start), *self._position(end))

    def _piece(self, statement: _Statement) -> _Piece | None:
        body = _body(statement)
        start = self._start(statement)
        if not body:
            end = self._offset(statement.end_lineno or 0, statement.end_col_offset or 0)
            return self._parsed("", start, self.text[start:end] + "\n", 2)
        if not isinstance(body[0], ast.stmt):  # the cases of a match
            return None
        indent = _INDENT.match(self.text, self.lines[statement.lineno - 1])
        space = "" if indent is None else indent[0]
        before, first = (f"if x:\n{space}", 4) if space else ("", 1)
        head = self.text[start : self._start(body[0])] + "pass\n"
        if isinstance(statement, ast.ExceptHandler):
            before, first = f"{before}try:\n{space} pass\n{space}", first + 4
        elif head.startswith("elif"):
            start, head = start + 2, head[2:]
        return self._parsed(before, start, head, first)

    def _parsed(self, before: str, start: int, text: str, first: Ref) -> _Piece | None:
        try:
            return _Piece(
                Located(before + text, parse_text(before + text, "")), first, start - len(before)
            )
        except ParseFailure:
            return None

    def _start(self, statement: _Statement) -> int:
        """Where a statement begins, decorators included."""
        decorators = getattr(statement, "decorator_list", None)
        if decorators:
            first = self._offset(decorators[0].lineno, decorators[0].col_offset)
            return self.text.rfind("@", 0, first)
        return self._offset(statement.lineno, statement.col_offset)

    def _offset(self, line: int, column: int) -> int:
        """The character at a line and a column that counts bytes."""
        start = self.lines[line - 1]
        piece = self.text[start : start + column]
        if piece.isascii():
            return start + column
        return start + len(piece.encode()[:column].decode(errors="replace"))

    def _position(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self.lines, offset)
        return line, offset - self.lines[line - 1] + 1


def _body(statement: _Statement) -> list[ast.AST]:
    """What lies in a compound statement."""
    return getattr(statement, "body", None) or getattr(statement, "cases", None) or []


def _statements(text: str) -> list[_Statement]:
    """All statements and handlers in the order they stand in the source; none where this Python
    cannot read them."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    found: list[_Statement] = []
    waiting: list[ast.AST] = [*reversed(module.body)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.stmt, ast.ExceptHandler)):
            found.append(node)
        for field in ("cases", "finalbody", "orelse", "handlers", "body"):
            inside = getattr(node, field, None)
            if isinstance(inside, list):
                waiting.extend(reversed(inside))
    return found
