"""Whether what is changed in place may be what was loaded: ways past assignments."""

from __future__ import annotations

from collections.abc import Collection

from sqla_lint.flow.root import Position
from sqla_lint.ir import ENTRY, Op, Place
from sqla_lint.views.function import Function
from sqla_lint.ways import behind


def unassigned(
    function: Function,
    change: Op,
    entity: Place,
    attribute: str,
    assigned: Collection[Op],
    copies: Collection[int],
) -> bool:
    """Some way leads to a change of ``entity.attribute`` past all assignments of another object,
    and none of them comes after it, but for ``copies`` (by id): what was changed in place is what
    the session compares the new value with, and a copy equals it.

    An assignment before it counts as passed only where the value itself decided: under
    ``if user.tags is None``; other conditions may well be those of the change, too.
    """
    places = {id(op): (n, i) for n, i, op in function.positions}
    at = places[id(change)]
    spots = [places[id(op)] for op in assigned]
    if any(
        id(op) not in copies and _follows(function, at, spot, entity)
        for op, spot in zip(assigned, spots, strict=True)
    ):
        return False
    before = [spot for spot in spots if _follows(function, spot, at, entity)]
    if not all(_is_asked(function, spot[0], entity, attribute) for spot in before):
        return False
    if any(spot[0] == at[0] and spot[1] < at[1] for spot in before):
        return False
    without = {spot[0] for spot in before}
    return at[0] in behind(function.typed.function.blocks, [ENTRY], stop=without)


def is_decided_about(function: Function, number: int, place: Place) -> bool:
    """The block is entered where a test of a name has decided, and not otherwise."""
    tests = [
        edge.test
        for block in function.typed.function.blocks
        for edge in block.edges
        if edge.to == number
    ]
    return len(tests) == 1 and tests[0] is not None and tests[0].place == place


def follows(function: Function, start: Op, end: Op, name: Place) -> bool:
    """From one operation the other may be reached while the name stands for the same object."""
    first, last = function.position(start), function.position(end)
    return first is not None and last is not None and _follows(function, first, last, name)


def _follows(function: Function, start: Position, end: Position, entity: Place) -> bool:
    blocks = function.typed.function.blocks
    waiting = [(start[0], start[1] + 1)]
    seen: set[int] = set()
    while waiting:
        number, first = waiting.pop()
        ops = blocks[number].ops[first:]
        stop = next((i for i, op in enumerate(ops, first) if op.dst == entity), None)
        if number == end[0] and first <= end[1] and (stop is None or end[1] <= stop):
            return True
        if stop is not None:
            continue
        for edge in blocks[number].edges:
            if edge.to not in seen:
                seen.add(edge.to)
                waiting.append((edge.to, 0))
    return False


def _is_asked(function: Function, number: int, entity: Place, attribute: str) -> bool:
    """The block is entered by a decision about the attribute alone."""
    blocks = function.typed.function.blocks
    before = [b for b in blocks if any(edge.to == number for edge in b.edges)]
    return len(before) == 1 and any(
        op.do == "getattr" and op.on == entity and op.name == attribute for op in before[0].ops
    )
