"""Writes a tree back as text and notes where each node begins and ends in it.

libcst's own code generation does the work, with a state that listens. It recurses, and Python 3.12
and 3.13 allow only 1,500 (3.12.0) to 10,000 levels of that wherever it passes through native code,
however large the stack. So deep trees are written in pieces, from the inside out: a piece that is
done stands in for the expression when what is around it is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Final, TypeAlias

import libcst as cst
from libcst._nodes.internal import CodegenState

from sqla_lint.ir import Ref
from sqla_lint.syntax.fields import CHILDREN

Stretch: TypeAlias = tuple[int, int]

# Levels written in one go: two native calls per level stay below the lowest limit.
PIECE: Final = 300


class Recorder(CodegenState):
    """Notes where each node stands in the text that libcst writes."""

    def __init__(self, module: cst.Module) -> None:
        super().__init__(module.default_indent, module.default_newline)
        self.position = 0
        # By the id of the node: with all that belongs to it, and without whitespace around it.
        self.outer: dict[int, Stretch] = {}
        self.inner: dict[int, Stretch] = {}
        self._starts: list[int] = []

    @property
    def text(self) -> str:
        return "".join(self.tokens)

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

    def record_syntactic_position(  # type: ignore[override]
        self,
        node: cst.CSTNode,
        *,
        start_node: cst.CSTNode | None = None,
        end_node: cst.CSTNode | None = None,
    ) -> _Recording:
        return _Recording(self, node, start_node, end_node)

    def place(self, node: cst.CSTNode) -> Stretch:
        found = self.inner.get(id(node))
        return self.outer[id(node)] if found is None else found

    def include(self, piece: Recorder) -> None:
        """Add what another recorder has written."""
        here = self.position
        for mine, other in ((self.outer, piece.outer), (self.inner, piece.inner)):
            mine.update((key, (start + here, end + here)) for key, (start, end) in other.items())
        self.add_token(piece.text)


class _Recording:
    """A context manager around the code of a node, without what it owns of the whitespace."""

    __slots__ = ("end_node", "node", "start", "start_node", "state")

    def __init__(
        self,
        state: Recorder,
        node: cst.CSTNode,
        start_node: cst.CSTNode | None,
        end_node: cst.CSTNode | None,
    ) -> None:
        self.state = state
        self.node = node
        self.start_node = start_node
        self.end_node = end_node

    def __enter__(self) -> None:
        self.start = self.state.position

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        state = self.state
        start, end = self.start, state.position
        if self.start_node is not None:
            start = state.place(self.start_node)[0]
        if self.end_node is not None:
            end = state.place(self.end_node)[1]
        state.inner[id(self.node)] = (start, end)


def record(nodes: Sequence[cst.CSTNode], parents: Sequence[Ref]) -> Recorder:
    """The text and places of a tree, given as in `refs.walk`."""
    module = nodes[0]
    assert isinstance(module, cst.Module)
    undo: list[tuple[cst.CSTNode, str, cst.CSTNode]] = []
    try:
        for ref in _cuts(nodes, parents):
            node = nodes[ref]
            parent = nodes[parents[ref]]
            field = next(
                (name for name in CHILDREN[type(parent)] if getattr(parent, name) is node), None
            )
            if field is None:
                continue
            piece = Recorder(module)
            piece.indent_tokens.extend(_indents(module, nodes, parents, ref))
            node._codegen(piece)
            object.__setattr__(parent, field, _Piece(piece))
            undo.append((parent, field, node))
        whole = Recorder(module)
        module._codegen(whole)
    finally:
        for parent, field, node in undo:
            object.__setattr__(parent, field, node)
    return whole


class _Piece:
    """Stands in for an expression that has been written."""

    def __init__(self, piece: Recorder) -> None:
        self._piece = piece

    def _codegen(self, state: Recorder) -> None:
        state.include(self._piece)


def _cuts(nodes: Sequence[cst.CSTNode], parents: Sequence[Ref]) -> list[Ref]:
    """The expressions at which a deep tree is cut, innermost first."""
    depths: list[int] = []
    cuts: list[Ref] = []
    for ref, parent in enumerate(parents):
        # The depth below the last cut.
        depth = depths[parent] + 1 if parent >= 0 else 0
        if depth >= PIECE and isinstance(nodes[ref], _CUTTABLE):
            cuts.append(ref)
            depth = 0
        depths.append(depth)
    cuts.reverse()
    return cuts


# What stands alone in a field of its parent, whose code only writes it.
_CUTTABLE: Final = (
    cst.Attribute,
    cst.Await,
    cst.BinaryOperation,
    cst.BooleanOperation,
    cst.Call,
    cst.Comparison,
    cst.Dict,
    cst.IfExp,
    cst.Lambda,
    cst.List,
    cst.Set,
    cst.Subscript,
    cst.Tuple,
    cst.UnaryOperation,
)


def _indents(
    module: cst.Module, nodes: Sequence[cst.CSTNode], parents: Sequence[Ref], ref: Ref
) -> list[str]:
    indents: list[str] = []
    while ref >= 0:
        node = nodes[ref]
        if isinstance(node, (cst.IndentedBlock, cst.Match)):
            indents.append(module.default_indent if node.indent is None else node.indent)
        ref = parents[ref]
    indents.reverse()
    return indents
