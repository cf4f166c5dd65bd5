"""What an object of the project makes with its session, and keeps beside it.

    class Bookings:
        def __init__(self, session):
            self.session = session
            self.rooms = RoomRepository(session)

In its methods `self.rooms` works with `self.session`.
"""

from __future__ import annotations

from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.flow.effects import Effects
from sqla_lint.flow.holders import holder, is_holder, kept_as, paths
from sqla_lint.flow.root import NOWHERE, Root
from sqla_lint.ir import Place
from sqla_lint.project.infer import Typed
from sqla_lint.project.kind import Kind

_SESSIONS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION})


class Parts(NamedTuple):
    """The attribute that is the session, and those that hold it, with their roles."""

    session: Kind
    attribute: str
    holders: tuple[tuple[str, str], ...]


def with_parts(typed: Typed, effects: Effects, handles: tuple[Root, ...]) -> tuple[Root, ...]:
    """The sessions that were there before a method runs, also known as what holds them; with the
    one of the object itself, when only what holds it is named."""
    function = typed.function
    me = function.params[0].name if function.params and function.parent else ""
    found = parts_of(effects, f"{typed.module.name}:{function.parent}") if me else None
    if found is None:
        return handles
    also = tuple((f"{me}.{name}", role) for name, role in found.holders)
    place = f"{me}.{found.attribute}"
    named = {op.on for block in function.blocks for op in block.ops}
    if not named & {holding for holding, _ in also}:
        return handles
    known = tuple(r._replace(also=(*r.also, *also)) if r.place == place else r for r in handles)
    if all(root.place != place for root in handles):
        known = (*known, Root(found.session, NOWHERE, place, also=also))
    return known


def parts_of(effects: Effects, label: str) -> Parts | None:
    """Those of the objects of a class; None when its constructor does more with the session."""
    key = f"parts of {label}"
    memo = effects.project.memo
    if key not in memo:
        memo[key] = _parts(effects, label)
    found = memo[key]
    return found if isinstance(found, Parts) else None


def _parts(effects: Effects, label: str) -> Parts | None:
    knowledge = effects.project.knowledge
    if knowledge.classes.get(label) is None:
        return None
    init = knowledge.classes.method(label, "__init__")
    typed = effects.project.typed.get(init or "")
    if init is None or typed is None:
        return None
    given = [
        (param.name, kind)
        for param in typed.function.params[1:]
        if (kind := typed.cells.get(param.name)) is not None and kind.name in _SESSIONS
    ]
    role = kept_as(effects, init, given[0][0]) if len(given) == 1 else ""
    if not is_holder(role):
        return None
    kept = [path for path in paths(role) if path.count(".") == 1]
    inner: dict[Place, list[str]] = {}
    for path in paths(role):
        _, first, *rest = path.split(".")
        if rest:
            inner.setdefault(first, []).append("." + ".".join(rest))
    if len(kept) != 1 or not inner:
        return None
    held = tuple(sorted((name, holder(below)) for name, below in inner.items()))
    session = knowledge.attribute(Kind(kinds.INSTANCE, label=label), kept[0][1:])
    return Parts(session, kept[0][1:], held) if session.name in _SESSIONS else None
