"""Which parts of a function run when its caller gives it a constant: `Store(ping=False)`.

Only parameters, and attributes of self that are set from them, are followed into tests. What a
function binds anew is thought to be as it was given: whoever asks wants to be sure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeAlias

from sqla_lint.ir import ENTRY, Const, Edge, Function, Op, Place
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.kind import Kind
from sqla_lint.project.knowledge import Knowledge

# A place, and whether it is true.
Flags: TypeAlias = frozenset[tuple[Place, bool]]
NO_FLAGS: Flags = frozenset()
# From a block to another.
Way: TypeAlias = tuple[int, int]


def flags(knowledge: Knowledge, op: Op, on: Kind, told: Flags = NO_FLAGS) -> Flags:
    """What a call, of a function of which this is told, tells of the parameters of the function it
    calls: constants that it passes, and defaults of what it surely does not pass."""
    callee = called(knowledge, op, on)
    entry = knowledge.functions.get(callee.label)
    if entry is None:
        return NO_FLAGS
    function = entry[1]
    found: dict[Place, bool] = {}
    passed: set[str | None] = set()
    known = dict(told)
    for arg, name in parameters(knowledge, op, callee):
        passed.add(name)
        if name is not None and isinstance(arg.value, Const):
            found[name] = bool(arg.value.value)
        elif name is not None and isinstance(arg.value, str) and arg.value in known:
            found[name] = known[arg.value]
    if None not in passed:
        for param in function.params:
            if param.name not in passed and isinstance(param.default, Const):
                found[param.name] = bool(param.default.value)
    kept = {
        f"{op.on}.{op.name}": found[str(op.args[0].value)]
        for block in function.blocks
        for op in block.ops
        if op.do == "setattr" and op.on == "self" and op.args and op.args[0].value in found
    }
    if op.on == "self":
        kept = {place: truth for place, truth in told if place.startswith("self.")} | kept
    return frozenset({*found.items(), *kept.items()})


def reached(function: Function, told: Flags, shut: frozenset[Way] = frozenset()) -> frozenset[int]:
    """The blocks that may run, when some ways are never gone."""
    truths = dict(told)
    found, waiting = {ENTRY}, [ENTRY]
    while waiting:
        number = waiting.pop()
        block = function.blocks[number]
        handlers = [one.to for one in block.handlers if (number, one.to) not in shut]
        targets = [block.exc, *handlers]
        targets += [edge.to for edge in block.edges if _may_be_gone(edge, truths)]
        for to in targets:
            if to not in found:
                found.add(to)
                waiting.append(to)
    return frozenset(found)


def _may_be_gone(edge: Edge, truths: Mapping[Place, bool]) -> bool:
    truth = truths.get(edge.test.place) if edge.test is not None else None
    if edge.test is None or truth is None:
        return True
    if edge.test.is_ == "none":
        return not (truth and edge.test.holds)  # what is false may be None or not
    return edge.test.holds is truth


def without(function: Function, told: Flags) -> Function:
    """The function with nothing in the blocks that never run."""
    truths = dict(told)
    if not truths:
        return function
    run = reached(function, told)
    blocks = [
        replace(
            block,
            ops=block.ops if number in run else [],
            edges=[edge for edge in block.edges if _may_be_gone(edge, truths)],
        )
        for number, block in enumerate(function.blocks)
    ]
    return replace(function, blocks=blocks)
