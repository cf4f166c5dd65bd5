"""What else a program adds to a list or a text than the function that reads it: other methods of
its object, helpers that a list is handed to, functions that stand inside of this one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Op, Place
from sqla_lint.project.bodies import may_say, opened
from sqla_lint.project.definitions import Position
from sqla_lint.project.frames import Frame, Frames, Spot
from sqla_lint.project.kind import Kind

# Methods of one object, and helpers of helpers, that are looked at for one list.
METHODS_LIMIT = 24
HELPERS_DEPTH = 3

_ADDS = frozenset({"append", "appendleft", "add", "insert"})
_OWNERS = frozenset({kinds.INSTANCE, kinds.CLASS})


class Addition(NamedTuple):
    """Something that is added to a list."""

    spot: Spot
    several: bool = False  # each of its elements is added: `extend`


def added(frames: Frames, frame: Frame, place: Place, depth: int = 0) -> Iterator[Addition]:
    """What a function, those inside of it and the helpers that it calls add to a list."""
    yield from _added_in(frames, frame, place, depth)
    function, module = frame.typed.function, frame.typed.module
    if place not in function.locals:
        return
    for inner in module.functions.values():
        if inner.captures.get(place) == function.qualname:
            there = frames.of(f"{module.name}:{inner.qualname}")
            if there is not None:
                yield from _added_in(frames, there, place, depth)


def _added_in(frames: Frames, frame: Frame, place: Place, depth: int) -> Iterator[Addition]:
    names = _aliases(frame, place)
    for at, op in _operations(frame):
        if op.do == "augassign" and op.on in names and (op.name or "").startswith("+"):
            yield from (Addition(spot, several=True) for spot in frame.args(at))
        if op.do != "call":
            continue
        if op.on in names and op.name in _ADDS:
            yield from (Addition(spot) for spot in frame.args(at)[-1:])
        elif op.on in names and op.name in ("extend", "update"):
            yield from (Addition(spot, several=True) for spot in frame.args(at))
        elif depth < HELPERS_DEPTH and any(arg.value in names for arg in op.args):
            there = frames.callee(frame, at)
            if there is None or there.label == frame.label:
                continue
            for name, spot in there.given.items():
                if spot.operand in names:
                    yield from _added_in(frames, there, name, depth + 1)


def _aliases(frame: Frame, place: Place) -> set[Place]:
    """The list, and names that the function gives it: ``parts = self.parts``."""
    found = {place}
    for name, made in frame.graph.makers.items():
        ops = [frame.op(at) for at in made]
        if all(op.do == "move" and op.on == place for op in ops):
            found.add(name)
    return found


def put_by_methods(frames: Frames, on: Kind, name: str) -> Iterator[tuple[Frame, Place]]:
    """The methods of an object that set an attribute or add to it, but for ``__init__``, each with
    what the attribute is there."""
    if on.name not in _OWNERS:
        return
    knowledge, seen = frames.project.knowledge, {"__init__"}
    for info in knowledge.classes.ancestry(on.label):
        for method, label in info.methods.items():
            if method in seen or len(seen) > METHODS_LIMIT:
                continue
            entry = knowledge.functions.get(label)
            if entry is None or not entry[1].params or not may_say(entry[1], name):
                continue
            place = f"{entry[1].params[0].name}.{name}"
            if not any(op.dst == place for block in opened(entry[1]).blocks for op in block.ops):
                continue
            seen.add(method)
            frame = frames.of(label)
            if frame is not None:
                yield frame, place


def settings_of(frame: Frame, place: Place) -> Iterator[Spot]:
    """What a function sets an attribute to."""
    for at in frame.graph.makers.get(place, ()):
        if frame.op(at).do == "setattr":
            yield from frame.args(at)[:1]


def _operations(frame: Frame) -> Iterator[tuple[Position, Op]]:
    for number, block in enumerate(frame.typed.function.blocks):
        for i, op in enumerate(block.ops):
            yield (number, i), op
