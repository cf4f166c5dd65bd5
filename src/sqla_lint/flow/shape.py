"""What of a function does not depend on the object that is followed: worked out once for all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from sqla_lint.flow.named import named
from sqla_lint.flow.putting import puts
from sqla_lint.flow.root import Position
from sqla_lint.ir import Op, Place
from sqla_lint.project.infer import Typed
from sqla_lint.project.kind import FOREIGN, NAME, Kind

_QUIET = ("contextlib.suppress", "logging.", "builtins.print", "builtins.isinstance")


class Line(NamedTuple):
    """An operation, the places it reads, and whether it may raise whatever it is done to."""

    op: Op
    places: frozenset[Place]
    raises: bool
    here: Position


class Step(NamedTuple):
    """An operation that matters to an object of some names. ``touched``: it reads one of them;
    ``meant``: it may do something to the object, also through what holds it."""

    op: Op
    here: Position
    raises: bool
    touched: bool
    meant: bool
    then: str  # whether the block goes on


# Those found so far, and where the others come from: an object may soon have another name.
Steps: TypeAlias = tuple[list[Step], Iterator[Step]]
# The block and from which operation on; the names; whether a registry has the object; whether only
# what is done to it is believed to raise; the operation that begins it (its id).
StepsKey: TypeAlias = tuple[int, int, frozenset[tuple[Place, str]], bool, bool, int]


class Shape(NamedTuple):
    """``readers``: place → the operations that read it; ``holders``: place → the calls of its
    methods; ``puts``: the id of an operation → the container that it puts something into;
    ``named``: the id of a call → the attributes that it is about.
    ``steps``, which the solver fills in: what of a block matters to an object of some names."""

    blocks: tuple[tuple[Line, ...], ...]
    readers: dict[Place, list[Line]]
    holders: dict[Place, list[Line]]
    puts: dict[int, Place]
    named: dict[int, frozenset[str]]
    steps: dict[StepsKey, Steps]


def shape(typed: Typed) -> Shape:
    """The shape of a function."""
    blocks: list[tuple[Line, ...]] = []
    readers: dict[Place, list[Line]] = {}
    holders: dict[Place, list[Line]] = {}
    for number, block in enumerate(typed.function.blocks):
        lines = []
        for i, op in enumerate(block.ops):
            places = [arg.value for arg in op.args if isinstance(arg.value, str)]
            if isinstance(op.on, str):
                places.append(op.on)
            raises = op.raises and not never_raises(op, typed.on[number][i])
            line = Line(op, frozenset(places), raises, (number, i))
            lines.append(line)
            for place in line.places:
                readers.setdefault(place, []).append(line)
            if op.do == "call" and op.name is not None and isinstance(op.on, str):
                holders.setdefault(op.on, []).append(line)
        blocks.append(tuple(lines))
    return Shape(tuple(blocks), readers, holders, puts(typed.function), named(typed.function), {})


def never_raises(op: Op, on: Kind) -> bool:
    """A call that no reader would believe to raise: a log message, `isinstance`."""
    if on.name not in (NAME, FOREIGN):
        return False
    called = f"{on.label}.{op.name}" if op.name and op.do == "call" else on.label
    return called.startswith(_QUIET)
