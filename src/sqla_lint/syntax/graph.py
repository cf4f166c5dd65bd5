"""Trims a finished graph: dead blocks go, empty ones are skipped, the rest is renumbered."""

from __future__ import annotations

from sqla_lint.ir import ENTRY, EXIT, RAISED, Block


def successors(block: Block) -> list[int]:
    """The blocks that may run next, the one its exceptions lead to included."""
    result = [edge.to for edge in block.edges]
    result.extend(handler.to for handler in block.handlers)
    if any(op.raises for op in block.ops):
        result.append(block.exc)
    return result


def trim(blocks: list[Block]) -> list[Block]:
    """The blocks reachable from the entry, numbered in the order they were made."""
    skip = _skips(blocks)
    if skip:
        for block in blocks:
            _redirect(block, skip)
    alive = {ENTRY, EXIT, RAISED}
    stack = [ENTRY]
    while stack:
        for to in successors(blocks[stack.pop()]):
            if to not in alive:
                alive.add(to)
                stack.append(to)
    kept = sorted(alive)
    if len(kept) == len(blocks):
        return blocks
    renumber = {old: new for new, old in enumerate(kept)}
    for old in kept:
        _redirect(blocks[old], renumber)
    return [blocks[old] for old in kept]


def _redirect(block: Block, to: dict[int, int]) -> None:
    block.edges = [edge._replace(to=to[edge.to]) if edge.to in to else edge for edge in block.edges]
    if block.handlers:
        block.handlers = tuple(one._replace(to=to.get(one.to, one.to)) for one in block.handlers)
    block.exc = to.get(block.exc, RAISED if not any(op.raises for op in block.ops) else block.exc)


def _skips(blocks: list[Block]) -> dict[int, int]:
    """Where the empty blocks that only lead on really lead to."""
    onward: dict[int, int] = {}
    for index, block in enumerate(blocks):
        if index > RAISED and not block.ops and not block.handlers and len(block.edges) == 1:
            edge = block.edges[0]
            if edge.when == "next" and edge.to != index:
                onward[index] = edge.to
    skips: dict[int, int] = {}
    for index in onward:
        seen = {index}
        to = onward[index]
        while to in onward and to not in seen:
            seen.add(to)
            to = onward[to]
        if to in seen:
            continue  # `while True: pass` is a circle of empty blocks
        skips[index] = to
    return skips
