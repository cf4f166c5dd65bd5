"""A limit that a Query gets on some way, before something that a limited Query refuses."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.catalog import kinds
from sqla_lint.ir import Const, Op, Place
from sqla_lint.project.definitions import Position
from sqla_lint.project.frames import Frame, Spot
from sqla_lint.project.statement import NEW_STATEMENT
from sqla_lint.views.conditions import passed_tests
from sqla_lint.views.function import Call
from sqla_lint.views.paths import Note
from sqla_lint.views.sql import reader

LINKS = 40  # calls in a chain, over all its branches
HELPERS = 2  # that return what helpers have limited

LIMITS = frozenset({"limit", "offset", "slice"})


def limited_before(call: Call) -> Note | None:
    """Where the Query that a method is called on gets a limit on some way that leads here."""
    known = reader(call.function.project)
    frame = known.frames.of(call.function.label)
    here = call.function.position(call.op)
    if frame is None or here is None:
        return None
    waiting = [frame.on(here)]
    seen: set[tuple[str, Position]] = set()
    while waiting and len(seen) < LINKS:
        for made in known.origins.makers(waiting.pop()):
            op = made.frame.op(made.at)
            if op.do != "call" or (made.frame.label, made.at) in seen:
                continue
            seen.add((made.frame.label, made.at))
            on = made.frame.on(made.at) if op.on is not None else None
            if on is not None and on.kind.name == kinds.QUERY and op.name is not None:
                if op.name in LIMITS and limits(made, op) and meet(made, frame, here):
                    own = made.frame.typed.module.path
                    elsewhere = own != call.function.typed.module.path
                    return Note("limited here, on some way", op.at, own if elsewhere else "")
                if op.name not in NEW_STATEMENT:
                    waiting.append(on)
                continue
            callee = known.frames.callee(made.frame, made.at)
            if callee is None or callee.depth > HELPERS or known.origins.is_wrapped(callee.label):
                continue
            waiting += callee.returned()
    return None


def limits(made: Spot, op: Op) -> bool:
    """It is given a number, as far as can be told."""
    args = made.frame.args(made.at)
    if op.name == "slice":
        args = args[1:]  # from the first row on
    return bool(args) and all(
        one.kind.name != kinds.NONE and one.operand not in (Const(None), Const(0)) for one in args
    )


def meet(made: Spot, frame: Frame, here: Position) -> bool:
    """No test around the limit says the opposite of one around the other call, or of what the
    caller gives."""
    around = dict(guards(made.frame, made.at))
    if made.frame.label == frame.label:
        return all(around.get(test, holds) is holds for test, holds in guards(frame, here))
    for (place, is_), holds in around.items():
        given = made.frame.given.get(place)
        value = given.operand if given is not None else None
        if isinstance(value, Const):
            answer = value.value is None if is_ == "none" else bool(value.value)
            if answer is not holds:
                return False
    return True


def guards(frame: Frame, at: Position) -> Iterator[tuple[tuple[Place, str], bool]]:
    """What surely holds where an operation is: tests that every way to it has passed."""
    for _, test in passed_tests(frame, at):
        yield (test.place, test.is_), test.holds
