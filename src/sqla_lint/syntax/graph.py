"""Trims a finished graph: dead blocks go, empty ones are skipped, straight lines become one block.

The blocks that stay are numbered in reverse postorder, which reads well and lets a solver that
takes the lowest number first converge quickly.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from sqla_lint.ir import ENTRY, EXIT, RAISED, Block


def trim(blocks: list[Block]) -> list[Block]:
    """The graph without what nothing leads to. Changes the blocks in place."""
    _skip_empty(blocks)
    _join_lines(blocks)
    order = [ENTRY, EXIT, RAISED]
    order.extend(index for index in _reverse_postorder(blocks) if index > RAISED)
    renumber = {old: new for new, old in enumerate(order)}
    for old in order:
        _redirect(blocks[old], renumber)
    return [blocks[old] for old in order]


def raises(block: Block) -> bool:
    return any(op.raises for op in block.ops)


def successors(block: Block) -> Iterator[int]:
    """The blocks that may run next, the one its exceptions lead to last."""
    for edge in block.edges:
        yield edge.to
    for handler in block.handlers:
        yield handler.to
    if raises(block):
        yield block.exc


def _redirect(block: Block, to: dict[int, int]) -> None:
    block.edges = [edge._replace(to=to.get(edge.to, edge.to)) for edge in block.edges]
    if block.handlers:
        block.handlers = tuple(one._replace(to=to.get(one.to, one.to)) for one in block.handlers)
    block.exc = to.get(block.exc, block.exc) if raises(block) else RAISED


def _skip_empty(blocks: list[Block]) -> None:
    """Lead past the blocks without operations that only lead on."""
    onward: dict[int, int] = {}
    for index, block in enumerate(blocks):
        if index > RAISED and not block.ops and not block.handlers and len(block.edges) == 1:
            edge = block.edges[0]
            if edge.when == "next" and edge.to != index:
                onward[index] = edge.to
    skips: dict[int, int] = {}
    for index, to in onward.items():
        seen = {index}
        while to in onward and to not in seen:
            seen.add(to)
            to = onward[to]
        if to not in seen:  # `while True: pass` is a circle of empty blocks
            skips[index] = to
    if skips:
        for block in blocks:
            _redirect(block, skips)


def _join_lines(blocks: list[Block]) -> None:
    """Append a block to the one that leads to it, when no other does and nothing changes."""
    alive = _reverse_postorder(blocks)
    arrivals = Counter(to for index in alive for to in successors(blocks[index]))
    for index in alive:
        first = blocks[index]
        while len(first.edges) == 1 and not first.handlers:
            edge = first.edges[0]
            second = blocks[edge.to]
            if (
                edge.when != "next"
                or edge.to <= RAISED
                or arrivals[edge.to] != 1
                or second is first
                or second.handlers
                or second.loops != first.loops
            ):
                break
            if not raises(first):
                first.exc = second.exc
            elif raises(second) and second.exc != first.exc:
                break
            first.ops += second.ops
            first.edges = second.edges
            second.ops, second.edges = [], []


def _reverse_postorder(blocks: list[Block]) -> list[int]:
    order: list[int] = []
    seen = {ENTRY}
    stack: list[tuple[int, Iterator[int]]] = [(ENTRY, _backwards(blocks[ENTRY]))]
    while stack:
        index, rest = stack[-1]
        for to in rest:
            if to not in seen:
                seen.add(to)
                stack.append((to, _backwards(blocks[to])))
                break
        else:
            order.append(index)
            stack.pop()
    order.reverse()
    return order


def _backwards(block: Block) -> Iterator[int]:
    """So that the way taken first in the source gets the lower numbers."""
    return reversed(list(successors(block)))
