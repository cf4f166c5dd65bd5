"""Loops over loaded objects that take all objects out of their session, and go on changing them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.flow.root import SELF, Position
from sqla_lint.flow.uses import Use
from sqla_lint.ir import Op, Place
from sqla_lint.project.callers import called
from sqla_lint.project.kind import NAME, class_name, is_own_function
from sqla_lint.views.function import Function
from sqla_lint.ways import behind

_SESSIONS = (kinds.SESSION, kinds.SCOPED_SESSION)
_LISTS = frozenset({kinds.LIST, kinds.COLLECTION})
_EMPTIES = frozenset({"expunge_all", "close"})


class Drained(NamedTuple):
    """What is set on objects of which all but those of the first turns belong to no session."""

    change: Op
    model: str
    emptied: Op
    there: tuple[Op, str] | None  # where a helper does it, and in which file


def drained_loops(function: Function) -> Iterator[Drained]:
    """Loops over a list that was loaded before, which empty its session in some turn: the objects
    of the turns that follow are detached when they are changed."""
    if not any(block.loops for block in function.typed.function.blocks):
        return
    for root in function.followed(*_SESSIONS):
        where = {id(op): (number, i) for number, i, op in function.positions}
        uses = function.uses(root)
        for use in uses:
            if use.op.do == "next" and use.role in _LISTS and use.happening.role == kinds.ENTITY:
                found = _drained(function, uses, use, where)
                if found is not None:
                    yield found


def _drained(
    function: Function, uses: tuple[Use, ...], turn: Use, where: dict[int, Position]
) -> Drained | None:
    blocks, head = function.typed.function.blocks, where[id(turn.op)][0]
    loop = blocks[head].loops[-1]
    inside = {n for n, block in enumerate(blocks) if loop in block.loops}
    ops = [(n, i, op) for n, i, op in function.positions if n in inside]
    one, objects = turn.op.dst, turn.op.on
    if one is None or not isinstance(objects, str):
        return None
    if any(op.dst in (one, objects) and op is not turn.op for _, _, op in ops):
        return None  # loaded anew
    if any(_may_take(function, n, i, op, one) for n, i, op in ops):
        return None
    changes = [
        use.op
        for use in uses
        if use.op.do == "setattr" and use.op.on == one and "touch" in use.happening.events
        if where[id(use.op)][0] in inside
    ]
    for use in uses if changes else ():
        number = where[id(use.op)][0]
        if number not in inside or not _goes_on(function, use, number, head, inside):
            continue
        found = _empties(function, use, where[id(use.op)])
        if found:
            block, i = where[id(changes[0])]
            model = class_name(function.typed.on[block][i].label)
            return Drained(changes[0], model, use.op, found[0])
    return None


def _empties(function: Function, use: Use, at: Position) -> tuple[tuple[Op, str] | None, ...]:
    """Whether a use takes all objects out of the session; where, if a helper does."""
    if use.op.do != "call":
        return ()
    if use.role == SELF and use.op.name in _EMPTIES:
        return (None,)
    knowledge = function.project.knowledge
    callee = called(knowledge, use.op, function.typed.on[at[0]][at[1]])
    typed = function.project.typed.get(callee.label) if is_own_function(callee) else None
    if "expunge" not in use.happening.events or typed is None:
        return ()
    helper = function.of(typed)
    return tuple(
        (one.op, helper.typed.module.path)
        for one in helper.operations()
        if one.op.do == "call" and one.op.name == "expunge_all" and one.on.name in _SESSIONS
    )[:1]


def _may_take(function: Function, number: int, i: int, op: Op, one: Place) -> bool:
    """Somebody is given the object who may put it into a session again."""
    if op.do != "call" or all(arg.value != one for arg in op.args):
        return False
    on = function.typed.on[number][i]
    return not (op.name is None and on.name == NAME and on.label.startswith("builtins."))


def _goes_on(function: Function, use: Use, number: int, head: int, inside: set[int]) -> bool:
    """The next turn comes after it."""
    blocks = function.typed.function.blocks
    starts = [edge.to for edge in blocks[number].edges if edge.to in inside]
    return head in starts or head in behind(blocks, starts, stop=set(range(len(blocks))) - inside)
