"""Relationships of objects that a loop asks for one by one: each turn loads them again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import attribute_protocols as protocols
from sqla_lint.finding import Confidence
from sqla_lint.flow.origins import Origin
from sqla_lint.flow.reach import Reach
from sqla_lint.flow.root import NOWHERE, SELF
from sqla_lint.flow.solve import Trail, solve
from sqla_lint.ir import Op, Operand
from sqla_lint.project.callers import called
from sqla_lint.project.kind import class_name
from sqla_lint.views.entities import BARE, Reader, reader
from sqla_lint.views.function import Function
from sqla_lint.views.loopstatements import InLoop, statements_in_loops
from sqla_lint.views.mates import are_few, may_be_found
from sqla_lint.views.paths import Note
from sqla_lint.views.witnessed import way_of

# Calls between the one that sends a statement and the one that gives its object.
CHAIN_LIMIT = 8


class Single(NamedTuple):
    """A read, in a loop, of an object that a statement of the same turn has loaded. ``op`` is in
    the loop."""

    op: Op
    reach: Reach
    origin: Origin
    trail: Trail | None
    steps: tuple[Note, ...] = ()

    @property
    def name(self) -> str:
        """What is loaded, as its class has it."""
        return f"{class_name(self.reach.owner)}.{self.reach.last.name}"


def loads_of_singles(function: Function) -> Iterator[Single]:
    """One for each statement and attribute."""
    asked = {id(one.op): one for one in statements_in_loops(function)}
    if not asked:
        return
    entities = reader(function)
    origins = [o for o in entities.origins(function) if o.how in ("loaded", "called")]
    names = entities.names(function, tuple(origins))
    for origin in origins:
        one = _asking(function, origin, asked)
        if one is not None:
            for single in _read(function, entities, origin, names):
                yield single._replace(steps=way_of(function, single))
    for one in asked.values():
        yield from _in_helper(function, one)


def _asking(function: Function, origin: Origin, asked: dict[int, InLoop]) -> InLoop | None:
    """The statement of a loop that gives an object."""
    if origin.is_async or origin.root.role != SELF or origin.root.position == NOWHERE:
        return None
    op: Op | None = function.op(origin.root.position)
    for _ in range(CHAIN_LIMIT):
        if op is None:
            break
        if id(op) in asked:
            return asked[id(op)]
        op = _maker(function, op.on)
    return None


def _maker(function: Function, place: Operand | None) -> Op | None:
    made = function.maker(place)
    return made.op if made is not None else None


def _read(
    function: Function, entities: Reader, origin: Origin, names: set[str]
) -> Iterator[Single]:
    blocks = function.typed.function.blocks
    loops = blocks[origin.root.position[0]].loops
    for reach in entities.reaches(origin, names):
        for trail in _lazily(function, entities, origin, reach):
            at = next(b for b in blocks if any(op is trail.op for op in b.ops))
            if at.loops[: len(loops)] == loops:
                yield Single(trail.op, reach, origin, trail)
                break


def _lazily(function: Function, entities: Reader, origin: Origin, reach: Reach) -> Iterator[Trail]:
    """Where a relationship of the object itself is loaded by reading it."""
    last = reach.last
    if last.load != "lazy" or not reach.is_direct or may_be_found(function, last):
        return
    if entities.start(origin, reach) not in BARE or are_few(function, origin, reach):
        return
    effects = entities.effects_of(function, origin, reach)
    for end in solve(
        function.typed, protocols.LAZY_READ, (origin.root,), effects, Confidence.PLAIN
    ).ends:
        if end.trail is not None and end.way == "fault":
            yield end.trail


def _in_helper(function: Function, one: InLoop) -> Iterator[Single]:
    """The function that is called for each element reads it itself."""
    on = next((o.on for o in function.operations() if o.op is one.op), None)
    if one.inside is None or on is None:
        return
    callee = called(function.project.knowledge, one.op, on)
    typed = function.project.typed.get(callee.label)
    if typed is None:
        return
    helper, entities = function.of(typed), reader(function)
    origins = [o for o in entities.origins(helper) if o.how == "loaded" and not o.is_async]
    names = entities.names(helper, tuple(origins))
    for origin in origins:
        if origin.root.role != SELF:
            continue
        for reach in entities.reaches(origin, names):
            for trail in _lazily(helper, entities, origin, reach):
                path = "" if typed.module is function.typed.module else typed.module.path
                note = Note("read here", trail.op.at, path)
                yield Single(one.op, reach, origin, None, (one.inside, note))
                break
