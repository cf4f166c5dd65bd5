"""What the callers of a function still do with a session that they handed it."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.catalog import kinds
from sqla_lint.flow.root import Position, Root
from sqla_lint.ir import EXIT, RAISED, Operand
from sqla_lint.project.callers import called, parameters
from sqla_lint.views.calling import calls
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_project
from sqla_lint.views.units import follows

# A helper of a helper; beyond that it counts as used.
DEPTH = 4

_CALLED = frozenset({kinds.FUNCTION, "METHOD"})
_FOLLOWED = (kinds.SESSION, kinds.SCOPED_SESSION)
_HARMLESS = frozenset({"ask", "close", "rollback", "unnest", "end", "fails"})


def is_used_later(
    function: Function, root: Root, depth: int = DEPTH, *, raised: bool = False
) -> bool:
    """Somebody works on with a session after the function has returned (or raised), or may: a
    caller that is known and does not, such as a route that only answers, is the last to have it."""
    found = list(_calls(function))
    if not found or "." in root.place or depth == 0 or function.label in _passed(function):
        return True
    callers = 0
    for caller, position in found:
        if caller.entry in ("test", "fixture"):
            continue
        callers += 1
        given = _given(function, root, caller, position)
        own = next((r for r in caller.followed(*_FOLLOWED) if given in _names(caller, r)), None)
        if own is None:
            return True
        if _works_on(caller, own, position) and (not raised or _is_caught(caller, position)):
            return True
        if own.kind.owner == "caller":
            if caller.entry != "route" and is_used_later(caller, own, depth - 1, raised=raised):
                return True
        elif own.kind.owner not in ("local", "managed"):
            return True
    return callers == 0


def _calls(function: Function) -> Iterator[tuple[Function, Position]]:
    """The calls that hand it something, each with who makes it."""
    for label, position in calls(function).get(function.label, ()):
        caller = function.of(function.project.typed[label])
        if caller.op(position).args:
            yield caller, position


def _given(function: Function, root: Root, caller: Function, position: Position) -> Operand | None:
    op = caller.op(position)
    knowledge = function.project.knowledge
    callee = called(knowledge, op, caller.typed.on[position[0]][position[1]])
    pairs = parameters(knowledge, op, callee)
    return next((arg.value for arg, name in pairs if name == root.place), None)


def _names(function: Function, root: Root) -> Iterator[Operand | None]:
    if root.place:
        yield root.place
        return
    yield function.op(root.position).dst
    for use in function.uses(root):
        if use.happening.role == root.role:
            yield use.op.dst


def _works_on(caller: Function, own: Root, position: Position) -> bool:
    for use in caller.uses(own):
        there = caller.position(use.op)
        works = there is not None and bool(set(use.happening.events) - _HARMLESS)
        if works and there is not None and follows(caller, position, there):
            return True
    return False


def _is_caught(caller: Function, position: Position) -> bool:
    """Something may catch what an operation raises."""
    blocks = caller.typed.function.blocks
    seen: set[int] = set()
    waiting = [blocks[position[0]].exc]
    while waiting:
        number = waiting.pop()
        if number in seen or number in (EXIT, RAISED):
            continue
        seen.add(number)
        if blocks[number].handlers:
            return True
        waiting += [edge.to for edge in blocks[number].edges if edge.when != "swallow"]
        waiting.append(blocks[number].exc)
    return False


@per_project
def _passed(function: Function) -> frozenset[str]:
    """Functions that are handed to others, which may call them."""
    return frozenset(
        kind.label
        for typed in function.project.typed.values()
        for rows in typed.args
        for row in rows
        for kind in row
        if kind.name in _CALLED
    )
