"""Sessions that a function has only through objects which keep them: `projects: ProjectRepository`,
`self.projects`. Whatever is done to them is done by the methods of these."""

from __future__ import annotations

from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.flow.effects import Effects
from sqla_lint.flow.holders import NESTED, holder, is_holder, kept_as, paths
from sqla_lint.flow.root import NOWHERE, Root
from sqla_lint.ir import Place
from sqla_lint.project.infer import Typed
from sqla_lint.project.kind import MADE_BY, UNKNOWN, Kind

_SESSIONS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION})


class Lodger(NamedTuple):
    """A session that the objects of a class keep, and the role of such an object."""

    session: Kind
    role: str


def lodging(
    typed: Typed, effects: Effects, known: tuple[Root, ...], *, served: bool
) -> tuple[Root, ...]:
    """The sessions of a function, with those that parameters and attributes keep that were there
    before. ``served``: it answers a request, for which one session is made by a factory."""
    named = {name for root in known for name in (root.place, *(place for place, _ in root.also))}
    found: dict[Place, Lodger] = {}
    for place, kind in _there(typed, effects).items():
        one = lodger(effects, kind.label) if place not in named else None
        if one is not None:
            found[place] = one
    if not found or len(known) > 1:
        return known
    several = len(found) + len(known) > 1
    sessions = [one.session for one in found.values()] + [root.kind for root in known]
    if several and not (_of_one(typed, effects, found) or (served and _are_one(sessions))):
        return known
    also = tuple((place, one.role) for place, one in found.items())
    if known:
        return tuple(root._replace(also=(*root.also, *also)) for root in known)
    (place, first), *_ = found.items()
    return (Root(first.session, NOWHERE, place, first.role, also[1:]),)


def _are_one(sessions: list[Kind]) -> bool:
    """The same factory has made them."""
    by = {tuple(t for t in session.traits if t.startswith(MADE_BY)) for session in sessions}
    return len(by) == 1 and all(by)


def _of_one(typed: Typed, effects: Effects, found: dict[Place, Lodger]) -> bool:
    """They are attributes of an object that keeps one session in all of them."""
    own = lodger(effects, f"{typed.module.name}:{typed.function.parent}")
    held = {path.split(".")[1] for path in paths(own.role)} if own is not None else set()
    return all("." in place and place.rpartition(".")[2] in held for place in found)


def _there(typed: Typed, effects: Effects) -> dict[Place, Kind]:
    """The objects of the project that a function uses and did not make: what it is given, and what
    the object keeps whose method it is."""
    function = typed.function
    params = {param.name for param in function.params}
    bound = {op.dst for block in function.blocks for op in block.ops if op.do != "getattr"}
    parent = effects.project.knowledge.classes.get(f"{typed.module.name}:{function.parent}")
    me = function.params[0].name if function.params and parent is not None else ""
    found: dict[Place, Kind] = {}
    for number, block in enumerate(function.blocks):
        for i, op in enumerate(block.ops):
            place, on = op.on, typed.on[number][i]
            if op.do != "call" or not isinstance(place, str) or on.name != kinds.INSTANCE:
                continue
            owner, dot, _ = place.rpartition(".")
            there = owner == me if dot else place in params and place != me
            if there and place not in bound:
                found[place] = on
    return found


def lodger(effects: Effects, label: str) -> Lodger | None:
    """The session that the objects of a class keep; None when they have none, or when the
    constructor does more with it."""
    key = f"lodger of {label}"
    memo = effects.project.memo
    if key not in memo:
        memo[key] = None  # one that keeps its own kind
        memo[key] = _lodger(effects, label)
    found = memo[key]
    return found if isinstance(found, Lodger) else None


def _lodger(effects: Effects, label: str) -> Lodger | None:
    knowledge = effects.project.knowledge
    init = knowledge.classes.method(label, "__init__") if knowledge.classes.get(label) else None
    if init is None or not knowledge.classes.complete(label):
        return None
    typed = effects.project.typed.get(init) or effects.inferred(init)
    where: set[str] = set()
    given: list[Kind] = []
    for param in typed.function.params[1:]:
        kind = typed.cells.get(param.name, UNKNOWN)
        role = ""
        if kind.name in _SESSIONS:
            role = kept_as(effects, init, param.name)
        elif kind.name == kinds.INSTANCE and kind.label:
            inner = lodger(effects, kind.label)
            role = kept_as(effects, init, param.name, inner.role) if inner is not None else ""
        if is_holder(role):
            given.append(kind)
            where |= set(paths(role))
    if not where or any(path.count(".") > NESTED for path in where):
        return None
    sessions = [_at(effects, label, path) for path in sorted(where)]
    known = all(session.name in _SESSIONS for session in sessions)
    repositories = all(kind.name == kinds.INSTANCE for kind in given)
    alike = len(given) == 1 or (repositories and _are_one(sessions))
    return Lodger(sessions[0], holder(where)) if known and alike else None


def _at(effects: Effects, label: str, path: str) -> Kind:
    """What stands at the end of a path of attributes."""
    kind = Kind(kinds.INSTANCE, label=label)
    for name in path.split(".")[1:]:
        kind = effects.project.knowledge.attribute(kind, name)
    return kind
