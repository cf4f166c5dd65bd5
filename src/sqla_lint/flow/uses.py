"""Every operation that has to do with one object, whatever the path: for advice and for fixes."""

from __future__ import annotations

from typing import NamedTuple

from sqla_lint.flow.effects import Effects, Happening
from sqla_lint.flow.root import NOWHERE, Root, opened_as
from sqla_lint.ir import Op, Place
from sqla_lint.project.infer import Typed
from sqla_lint.project.kind import Kind

# Names are followed through loops: a second round finds those bound after their first use.
ROUNDS = 2


class Use(NamedTuple):
    """An operation on the object. ``role`` is that of its receiver, "" when the receiver is
    something else; ``given`` are the roles of its arguments."""

    op: Op
    role: str
    happening: Happening
    args: tuple[Kind, ...]
    given: tuple[str, ...] = ()


def uses(typed: Typed, root: Root, effects: Effects) -> tuple[Use, ...]:
    """Uses in the order of the blocks, the opening operation left out."""
    roles: dict[Place, str] = {}
    if root.position == NOWHERE:
        roles = {root.place: root.role, **dict(root.also)}
    else:
        block, i = root.position
        roles = dict(opened_as(typed.function.blocks[block].ops[i], root))
    found: dict[tuple[int, int], Use] = {}
    for _ in range(ROUNDS):
        for lines in effects.shape(typed).blocks:
            for op, places, _, (number, i) in lines:
                if places.isdisjoint(roles) or (number, i) == root.position:
                    continue
                role = roles.get(op.on) if isinstance(op.on, str) else None
                given = tuple(
                    roles[a.value] for a in op.args if isinstance(a.value, str) and a.value in roles
                )
                if role is None and not given:
                    continue
                args = typed.args[number][i]
                happening = effects.of(
                    op, roles, root.kind, typed.on[number][i], args, typed.dst[number][i]
                )
                found[number, i] = Use(op, role or "", happening, args, given)
                if happening.role and op.dst is not None:
                    roles[op.dst] = happening.role
    return tuple(found[key] for key in sorted(found))
