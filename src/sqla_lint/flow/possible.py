"""Which events can happen to an object at all, whatever the path: most questions end here.

A protocol whose bad states these events do not lead to, in any order, needs no path.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import product
from typing import TYPE_CHECKING

from sqla_lint.catalog.protocols import Protocol
from sqla_lint.flow.guards import leading
from sqla_lint.flow.root import NOWHERE, OF_SESSION, SELF, Root, opened_as
from sqla_lint.flow.shape import Line, Shape
from sqla_lint.ir import Place
from sqla_lint.project.infer import Typed
from sqla_lint.project.kind import Kind

if TYPE_CHECKING:
    from sqla_lint.flow.effects import Effects

# A place that is one thing here and another there makes every operation on it several. Beyond so
# many, anything is held possible.
READINGS = 32


def is_harmless(protocol: Protocol, events: Collection[str]) -> bool:
    """No order of these events leads into a state that is an end."""
    happening = {protocol.theirs.get(event, event) for event in events} | set(events)
    ends = protocol.bad | protocol.faults
    found, waiting = {protocol.start}, [protocol.start]
    while waiting:
        state = waiting.pop()
        if state in ends:
            return False
        for moves in (protocol.moves, protocol.fails):
            for (before, event), after in moves.items():
                if before == state and event in happening and after not in found:
                    found.add(after)
                    waiting.append(after)
    return True


def possible(typed: Typed, shape: Shape, root: Root, effects: Effects) -> frozenset[str] | None:
    """The events that operations of the function may be to an object; None when too many."""
    # any call may end a registry's session: see `Effects`
    events: frozenset[str] = frozenset()
    if root.kind.owner == "registry":
        events = frozenset({"escape", *effects.done_by_calls(typed, root.kind)})
    named = frozenset({(root.place, root.role), *root.also})
    if root.position != NOWHERE:
        named = opened_as(typed.function.blocks[root.position[0]].ops[root.position[1]], root)
        if not named:
            return frozenset()
    done = done_to(typed, shape, named, root.kind, effects)
    return None if done is None else events | done


def done_to(
    typed: Typed,
    shape: Shape,
    named: Iterable[tuple[Place, str]],
    kind: Kind,
    effects: Effects,
) -> frozenset[str] | None:
    """The events that operations may be to what is known by these names, or by others that it is
    given; None when too many."""
    roles: dict[Place, set[str]] = {}
    events: set[str] = set()
    waiting: list[Line] = []
    for place, role in named:
        waiting += _known_as(shape, roles, place, role)
    while waiting:
        line = waiting.pop()
        number, i = line.here
        on, args, result = typed.on[number][i], typed.args[number][i], typed.dst[number][i]
        readings = list(_readings(line, roles))
        if len(readings) >= READINGS:
            return None
        for known in readings:
            happening = effects.of(line.op, known, kind, on, args, result)
            events.update(happening.events)
            if line.op.do == "next":
                events.update(effects.exhausted(typed, number, frozenset(known.items())))
            if happening.role and line.op.dst is not None:
                waiting += _known_as(shape, roles, line.op.dst, happening.role)
    return frozenset(events)


def _known_as(
    shape: Shape, roles: dict[Place, set[str]], place: Place, role: str
) -> Iterator[Line]:
    """The object gets another name: the operations that have to do with it now."""
    known = roles.setdefault(place, set())
    if role in known:
        return
    known.add(role)
    yield from shape.readers.get(place, ())
    for holder in leading(place):
        yield from shape.holders.get(holder, ()) if holder != place else ()


def _readings(line: Line, roles: dict[Place, set[str]]) -> Iterator[dict[Place, str]]:
    """What the places an operation reads may be to the object, nothing included; and what belongs
    to the receiver of a call."""
    inside = {}
    if line.op.do == "call" and isinstance(line.op.on, str):
        prefix = line.op.on + "."
        inside = {
            place: role
            for role in (OF_SESSION + SELF, SELF)
            for place, known in roles.items()
            if role in known and place.startswith(prefix)
        }
    places = [place for place in line.places if place in roles]
    choices = [(None, *roles[place]) for place in places]
    for chosen in product(*choices):
        known = dict(inside)
        known.update((p, role) for p, role in zip(places, chosen, strict=True) if role is not None)
        for place, role in zip(places, chosen, strict=True):
            if role is None:
                known.pop(place, None)
        yield known
