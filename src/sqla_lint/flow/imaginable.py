"""What cannot happen to an attribute of the objects of an origin, whatever the path: most of what
is read of them needs no path.

What becomes of the session is the same for all attributes, and asked once. Of what is done to an
object everything is believed, but for what only a method of a certain name does.
"""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.flow.entities import OF_SESSION, AttributeEffects
from sqla_lint.flow.origins import Origin
from sqla_lint.flow.possible import done_to
from sqla_lint.project.infer import Typed

# What comes from the session and from nothing that is done to an object: see
# `catalog.attribute_protocols`. All other events are held possible.
_OF_SESSIONS = frozenset({"close", "expire", "expunge", "flush", "perhaps", "rollback", "sent"})
# Of these a method of the session that is so called may be done to one object.
_BY_NAME = frozenset({"expire", "expunge"})

# What a generator may do at its end.
_OF_GENERATORS = frozenset({"close", "expire"})

_NOTHING: frozenset[str] = frozenset()


def unimaginable(typed: Typed, origin: Origin, effects: AttributeEffects) -> frozenset[str]:
    """The events that no operation of a function is to any attribute. ``effects`` are those of one
    attribute of the origin."""
    if effects.unit is not None:
        return _NOTHING
    named = {(place, role) for place, role in origin.root.also if role.startswith(OF_SESSION)}
    begins, role = effects.begins
    if begins is not None and begins.dst is not None and role:
        named.add((begins.dst, role))
    done = done_to(typed, effects.shape(typed), named, origin.root.kind, effects)
    if done is None:
        return _NOTHING
    called = {
        op.name
        for block in typed.function.blocks
        for op in block.ops
        if op.do == "call" and op.name in _BY_NAME
    }
    return _OF_SESSIONS - done - called - (_OF_GENERATORS if _is_lent(typed, origin) else _NOTHING)


def _is_lent(typed: Typed, origin: Origin) -> bool:
    """A generator gives the objects, which does something when it has given the last."""
    number, i = origin.root.position
    return origin.how == "called" and typed.dst[number][i].name == kinds.GENERATOR
