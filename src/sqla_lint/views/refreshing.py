"""The fix of a read of what has expired: loading the object again, where something can wait."""

from __future__ import annotations

from sqla_lint.finding import Applicability, Insert, Rewrite
from sqla_lint.flow.solve import Trail
from sqla_lint.ir import Op, Place
from sqla_lint.views.entities import Access
from sqla_lint.views.function import Function

_EXPIRING = frozenset({"expire", "rollback"})
_SENDING = frozenset({"commit", "flush", "rollback"})


def refreshed_after(function: Function, access: Access) -> Rewrite | None:
    """`await session.refresh(user)` behind what expired the attribute; None when the object or the
    session has no name there."""
    by = _ended(function, access.trail, access.how)
    name = access.op.on
    if by is None or not access.reach.is_direct or access.origin.root.role != "self":
        return None
    if not isinstance(name, str) or not _is_bound_before(function, name, by):
        return None
    session = by.on
    if not isinstance(session, str) or not all(part.isidentifier() for part in session.split(".")):
        return None
    what = f', ["{access.attribute.name}"]' if access.how == "computed" else ""
    return Rewrite(
        "load it again",
        Applicability.UNSAFE,
        (Insert(by.at, "after", f"await {session}.refresh({name}{what})"),),
    )


def _ended(function: Function, trail: Trail | None, how: str) -> Op | None:
    """The call that expired the attribute, or sent the UPDATE."""
    wanted = {"sent"} if how == "computed" else _EXPIRING
    while trail is not None:
        if trail.what == "undo":
            return None  # of a savepoint, which is not the session
        if trail.what in wanted:
            made = function.maker(trail.op.on) if trail.op.do == "await" else None
            op = trail.op if made is None else made.op
            return op if op.do == "call" and op.name in _SENDING else None
        trail = trail.before
    return None


def _is_bound_before(function: Function, name: Place, by: Op) -> bool:
    """A variable that is bound once, before that call, and in no loop that the call is not in."""
    blocks = function.typed.function.blocks
    bound = [(op, block.loops) for block in blocks for op in block.ops if op.dst == name]
    there = next((block.loops for block in blocks if any(op is by for op in block.ops)), None)
    if len(bound) != 1 or there is None or not name.isidentifier():
        return False
    op, loops = bound[0]
    return op.at < by.at and there[: len(loops)] == loops
