"""Numbers the meaningful nodes of a tree in the order they stand in the source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import libcst as cst

from sqla_lint.ir import Ref
from sqla_lint.syntax.fields import BACKWARDS

_ABSENT: Final = cst.MaybeSentinel.DEFAULT


def number(module: cst.Module) -> dict[int, Ref]:
    """The ref of each node, by its `id`; without recursion, because trees can be deep."""
    refs: dict[int, Ref] = {}
    stack: list[cst.CSTNode] = [module]
    pop, push, extend = stack.pop, stack.append, stack.extend
    table = BACKWARDS
    ref = 0
    while stack:
        node = pop()
        refs[id(node)] = ref
        ref += 1
        children = table[type(node)]
        if children is None:
            continue
        for child in children(node):
            if child is None:
                continue
            kind = type(child)
            if kind is tuple or kind is list:
                if child:
                    extend(child[::-1])
            elif child is not _ABSENT and kind is not str:
                push(child)
    return refs


def walk(module: cst.Module) -> tuple[list[cst.CSTNode], list[Ref]]:
    """The nodes by ref, and the ref of each one's parent (-1 for the module)."""
    nodes: list[cst.CSTNode] = []
    parents: list[Ref] = []
    stack: list[tuple[cst.CSTNode, Ref]] = [(module, -1)]
    while stack:
        node, parent = stack.pop()
        ref = len(nodes)
        nodes.append(node)
        parents.append(parent)
        children = BACKWARDS[type(node)]
        if children is None:
            continue
        for child in children(node):
            if isinstance(child, (tuple, list)):
                stack.extend((one, ref) for one in reversed(child))
            elif isinstance(child, cst.CSTNode):
                stack.append((child, ref))
    return nodes, parents


def statement_starts(module: cst.Module, refs: dict[int, Ref]) -> tuple[Ref, ...]:
    """The refs of all statements and handlers, in the order they stand in the source."""
    starts: list[Ref] = []
    waiting: list[cst.CSTNode] = [*module.body]
    while waiting:
        node = waiting.pop()
        kind = type(node)
        if kind in _LINES:
            starts += [refs[id(small)] for small in node.body]  # type: ignore[attr-defined]
            continue
        if kind not in _PARTS:
            starts.append(refs[id(node)])
        for field in _INSIDE.get(kind, ("body",)):
            inside = getattr(node, field)
            if type(inside) in _SEVERAL:
                waiting.extend(inside)
            elif inside is not None:
                waiting.append(inside)
    return tuple(sorted(starts))


_LINES: Final = frozenset({cst.SimpleStatementLine, cst.SimpleStatementSuite})
# What holds statements and is none itself, nor a handler.
_PARTS: Final = frozenset({cst.IndentedBlock, cst.Else, cst.Finally, cst.MatchCase})
_SEVERAL: Final = frozenset({tuple, list})
# Where statements lie in a compound one, when not in its body alone.
_INSIDE: Final[Mapping[type[cst.CSTNode], tuple[str, ...]]] = {
    cst.If: ("body", "orelse"),
    cst.For: ("body", "orelse"),
    cst.While: ("body", "orelse"),
    cst.Try: ("body", "handlers", "orelse", "finalbody"),
    cst.TryStar: ("body", "handlers", "orelse", "finalbody"),
    cst.Match: ("cases",),
}
