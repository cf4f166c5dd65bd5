"""Results that are handed whole to what calls a function with each of their objects."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.flow.reads import GETTER
from sqla_lint.flow.root import Position
from sqla_lint.ir import Op, Place
from sqla_lint.project.infer import Typed
from sqla_lint.project.iteration import applying
from sqla_lint.project.kind import FOREIGN, FUNCTIONS, NAME, Kind, dotted_label

_RESULTS = frozenset({kinds.SCALARS, kinds.QUERY})
# A result, a name for it, and another one.
NAMES = 3


class Applied(NamedTuple):
    """A result that nothing else has a name for: where it is made, its names, and where it is gone
    through."""

    made: Position
    names: frozenset[Place]
    at: Position


def applied(typed: Typed) -> Iterator[Applied]:
    """``max(session.scalars(users), key=f)``, ``map(f, session.query(User))``: not where the next
    one alone is taken of that."""
    if typed.present.isdisjoint(_RESULTS):
        return
    made: dict[Place, list[Position]] = defaultdict(list)
    taken: dict[Place, list[Position]] = defaultdict(list)
    going: list[tuple[Place, Position]] = []
    asked: set[Place] = set()
    for number, block in enumerate(typed.function.blocks):
        for i, op in enumerate(block.ops):
            if op.dst is not None:
                made[op.dst].append((number, i))
            for place in {op.on, *(arg.value for arg in op.args)}:
                if isinstance(place, str):
                    taken[place].append((number, i))
            args = typed.args[number][i]
            if op.do == "call" and typed.on[number][i].label == "builtins.next":
                for arg in op.args:
                    asked.add(str(arg.value))
            elif _calls_a_function(op, typed.on[number][i], args):
                given = zip(op.args, args, strict=True)
                going += [
                    (str(arg.value), (number, i)) for arg, kind in given if kind.name in _RESULTS
                ]
    for place, at in going:
        if typed.function.blocks[at[0]].ops[at[1]].dst in asked:
            continue
        names = {place}
        for _ in range(NAMES):
            if len(made[place]) != 1 or len(taken[place]) != 1:
                break
            number, i = made[place][0]
            op = typed.function.blocks[number].ops[i]
            if op.do != "move":
                yield Applied((number, i), frozenset(names), at)
                break
            place = str(op.on)
            names.add(place)


def _calls_a_function(op: Op, on: Kind, args: tuple[Kind, ...]) -> bool:
    """A call of a library that calls one of its arguments with what another one is made of."""
    if op.do != "call" or on.name not in (NAME, FOREIGN) or len(args) != len(op.args):
        return False
    return applying(dotted_label(on, op.name)) is not None and any(
        kind.name in FUNCTIONS or kind.label == GETTER for kind in args
    )
