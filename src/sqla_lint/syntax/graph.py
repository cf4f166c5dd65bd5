"""Trims a finished graph: dead blocks go, empty ones are skipped, straight lines become one block.

The blocks that stay are numbered in reverse postorder, which reads well and lets a solver that
takes the lowest number first converge quickly. While a graph is built, `Block.exc` is `UNLED`
until an operation of the block raises.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sqla_lint.ir import ENTRY, EXIT, RAISED, Block, Edge

UNLED: Final = -1


def trim(blocks: list[Block]) -> list[Block]:
    """The graph without what nothing leads to. Changes the blocks in place."""
    skips = _skips(blocks)
    if skips:
        for block in blocks:
            _redirect(block, skips)
    order = [ENTRY, EXIT, RAISED]
    alive = _reverse_postorder(blocks)
    order.extend(index for index in _join_lines(blocks, alive) if index > RAISED)
    renumber = {old: new for new, old in enumerate(order) if old != new}
    result: list[Block] = []
    for old in order:
        block = blocks[old]
        if renumber:
            _redirect(block, renumber)
        if block.exc == UNLED:
            block.exc = RAISED
        result.append(block)
    return result


def _successors(block: Block) -> list[int]:
    """The blocks that may run next, the one its exceptions lead to last."""
    to = [edge.to for edge in block.edges]
    if block.handlers:
        to.extend(handler.to for handler in block.handlers)
    if block.exc != UNLED:
        to.append(block.exc)
    return to


def _redirect(block: Block, to: dict[int, int]) -> None:
    edges = block.edges
    for place, edge in enumerate(edges):
        if edge.to in to:
            edges[place] = Edge(to[edge.to], edge.when, edge.test)
    if block.handlers:
        block.handlers = tuple(one._replace(to=to.get(one.to, one.to)) for one in block.handlers)
    if block.exc in to:
        block.exc = to[block.exc]


def _skips(blocks: list[Block]) -> dict[int, int]:
    """Where the empty blocks that only lead on really lead to."""
    onward: dict[int, int] = {}
    for index, block in enumerate(blocks):
        if not block.ops and len(block.edges) == 1 and index > RAISED and not block.handlers:
            edge = block.edges[0]
            if edge.when in ("next", "case"):
                onward[index] = edge.to
    skips: dict[int, int] = {}
    for index in onward:
        to, seen = index, {index}
        while to in onward:
            to = onward[to]
            if to in seen:
                break  # `while True: pass` is a circle of empty blocks
            seen.add(to)
        else:
            skips[index] = to
    return skips


def _join_lines(blocks: list[Block], alive: list[int]) -> Iterable[int]:
    """Append a block to the one that leads to it, when no other does and nothing changes."""
    arrivals: dict[int, int] = {}
    for index in alive:
        for to in _successors(blocks[index]):
            arrivals[to] = arrivals.get(to, 0) + 1
    kept = dict.fromkeys(alive)
    for index in alive:
        first = blocks[index]
        while len(first.edges) == 1 and not first.handlers:
            to, when, _ = first.edges[0]
            if when != "next" or to <= RAISED or arrivals[to] != 1 or index not in kept:
                break
            second = blocks[to]
            if second is first or second.handlers or second.loops != first.loops:
                break
            if first.exc == UNLED:
                first.exc = second.exc
            elif second.exc not in (UNLED, first.exc):
                break
            first.ops += second.ops
            first.edges = second.edges
            second.edges = []
            del kept[to]
    return kept


def _reverse_postorder(blocks: list[Block]) -> list[int]:
    """Of the blocks that can be reached; what comes first in the source gets the lower place."""
    order: list[int] = []
    seen = {ENTRY}
    # Each entry is a block and its successors still to visit; the last one goes first.
    stack: list[tuple[int, list[int]]] = [(ENTRY, _successors(blocks[ENTRY]))]
    while stack:
        index, rest = stack[-1]
        while rest:
            to = rest.pop()
            if to not in seen:
                seen.add(to)
                stack.append((to, _successors(blocks[to])))
                break
        else:
            order.append(index)
            stack.pop()
    order.reverse()
    return order
