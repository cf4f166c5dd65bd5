"""What is asked before an operation is come to, and what the answer rests on."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.ir import Const, Place, Test
from sqla_lint.project.definitions import Position
from sqla_lint.project.frames import Frame, Spot
from sqla_lint.project.texts import Reader
from sqla_lint.ways import only_through

STEPS = 60  # operations that one test is made of


def passed_tests(frame: Frame, at: Position) -> Iterator[tuple[int, Test]]:
    """The tests that every way to an operation has passed, with the blocks that they end."""
    function = frame.typed.function
    for number, block in enumerate(function.blocks):
        for edge in block.edges:
            if edge.test is not None and only_through(function, at[0], {(number, edge.to)}):
                yield number, edge.test


def guards(frame: Frame, at: Position) -> Iterator[tuple[tuple[Place, str], bool]]:
    """What surely holds where an operation is: tests that every way to it has passed."""
    for _, test in passed_tests(frame, at):
        yield (test.place, test.is_), test.holds


def may_meet(made: Spot, frame: Frame, here: Position) -> bool:
    """No test around what made something says the opposite of one around the operation that has
    it, or of what the caller gives."""
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


def answers(frame: Frame, at: Position) -> Iterator[tuple[Spot, bool]]:
    """What every way to an operation has asked, where it is read, and the answer."""
    typed = frame.typed
    for number, test in passed_tests(frame, at):
        ops = typed.function.blocks[number].ops
        if ops and ops[-1].on:
            there = (number, len(ops) - 1)
            yield Spot(frame, test.place, there, typed.on[number][-1], ops[-1].at), test.holds


def asked_before(frame: Frame, at: Position, place: Place) -> bool:
    """Every way to an operation has asked about a value: ``if user.id: ...``."""
    return any(test.operand == place for test, _ in answers(frame, at))


def differs_by_turn(known: Reader, test: Spot, frame: Frame, loops: frozenset[int]) -> bool:
    """What is asked comes from what one of these loops of a function takes in each turn."""
    waiting, seen = [test], set[tuple[str, str, Position]]()
    while waiting and len(seen) < STEPS:
        one = waiting.pop()
        place = one.operand
        if not isinstance(place, str) or (one.frame.label, place, one.at) in seen:
            continue
        seen.add((one.frame.label, place, one.at))
        there = one.frame
        found = there.graph.definitions(place, one.at, known.origins.admits(there))
        if found.entry and place in there.given:
            waiting.append(there.given[place])
        root = place.partition(".")[0]
        if found.entry and "." in place and root in there.given:
            waiting.append(there.given[root])
        for at in found.positions:
            op = there.op(at)
            own = there.typed.function.blocks[at[0]].loops
            if op.do == "next" and there.label == frame.label and own and own[-1] in loops:
                return True
            if op.on is not None and not (op.do == "call" and op.name is None):
                waiting.append(there.on(at))
            waiting += there.args(at)
    return False
