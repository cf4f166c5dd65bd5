"""What a function answers after a failure that it has caught, and what its callers do then.

`if not save(session): session.rollback()` mends what `save` has left; a caller that commits only
when the answer was yes does nothing with a session that has failed.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

from sqla_lint.flow.root import Position
from sqla_lint.flow.solve import End
from sqla_lint.ir import EXIT, RAISED, Const, Edge, Operand, Place
from sqla_lint.views.function import Function
from sqla_lint.views.transactions import caught_at
from sqla_lint.ways import behind

# What is returned: None, something else that is false, something true, or nobody knows.
Answer: TypeAlias = Literal["none", "false", "true", ""]
After: TypeAlias = Literal["works", "ends", "leaves"]


def answer(function: Function, end: End) -> Answer:
    """What a function returns on all plain ways from the handler that led to an end."""
    at = caught_at(end)
    blocks = function.typed.function.blocks
    starts = [h.to for block in blocks for h in block.handlers if h.at == at]
    returns = {n: op for n, block in enumerate(blocks) for op in block.ops if op.do == "return"}
    reached = behind(blocks, starts, stop=returns)
    found: set[Answer] = {
        _answer(function, returns[number].on) for number in returns.keys() & reached
    }
    if EXIT in reached:
        found.add("none")  # it falls off the end
    return found.pop() if len(found) == 1 else ""


def _answer(function: Function, given: Operand | None) -> Answer:
    if given is None or given == Const(None):
        return "none"
    if isinstance(given, Const):
        return "true" if given.value else "false"
    if any(op.do == "catch" and op.dst == given for _, _, op in function.positions):
        return "true"
    made = function.maker(given)
    if made is not None and made.op.do == "pack" and made.op.name in ("list", "dict", "set"):
        return "true" if made.op.args else "false"
    return ""


class Done(NamedTuple):
    """The operations that work on a session, those that end its transaction, and the rollbacks
    among these that are written there, by identity."""

    works: frozenset[int]
    ends: frozenset[int]
    mends: frozenset[int]


def after(caller: Function, position: Position, done: Done, answered: Answer) -> After:
    """What happens on the plain ways behind a call that gave such an answer: an operation works on
    the session before one has ended its transaction, or the caller returns before that.

    Where the answer is looked at in a way that cannot be followed, a rollback counts for it.
    """
    blocks = caller.typed.function.blocks
    places = _places_of(caller, position)
    tested = any(e.test is not None and e.test.place in places for b in blocks for e in b.edges)
    call = caller.op(position)
    looked_at = not call.discarded and any(caller.readers.get(place) for place in places)
    lenient = looked_at and not (tested and answered)
    waiting = [(position[0], position[1] + 1)]
    seen: set[int] = set()
    found: After = "ends"
    while waiting:
        number, start = waiting.pop()
        for op in blocks[number].ops[start:]:
            if lenient and id(op) in done.mends:
                return "ends"
            if id(op) in done.ends:
                break
            if id(op) in done.works:
                found = "works"
        else:
            for edge in blocks[number].edges:
                if edge.when == "swallow" or not _may_go(edge, places, answered):
                    continue
                if edge.to == EXIT and found == "ends":
                    found = "leaves"
                elif edge.to not in seen and edge.to not in (EXIT, RAISED):
                    seen.add(edge.to)
                    waiting.append((edge.to, 0))
    return found


def _places_of(caller: Function, position: Position) -> frozenset[Place]:
    """The names of what a call gives."""
    found = {caller.op(position).dst}
    for _ in range(2):  # `x = await f()` is an await and a move
        found |= {
            op.dst for _, _, op in caller.positions if op.do in ("move", "await") and op.on in found
        }
    return frozenset(place for place in found if place is not None)


def _may_go(edge: Edge, places: frozenset[Place], answered: Answer) -> bool:
    test = edge.test
    if test is None or test.place not in places or not answered:
        return True
    if test.is_ == "none":
        return test.holds is (answered == "none")
    return test.holds is (answered == "true")
