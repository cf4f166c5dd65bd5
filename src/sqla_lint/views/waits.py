"""Calls that wait for somebody else, also those of functions of the project that always wait."""

from __future__ import annotations

from sqla_lint.catalog.waiting import SLOW
from sqla_lint.flow.root import Position
from sqla_lint.ir import Function as Body
from sqla_lint.ir import Op
from sqla_lint.project.bodies import opened
from sqla_lint.project.callers import called
from sqla_lint.project.infer import Typed, infer
from sqla_lint.project.kind import FUNCTIONS, Kind
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_function
from sqla_lint.views.slow import slow_calls
from sqla_lint.ways import passes_by

# A helper of a helper; a longer chain is hard to follow for a reader, too.
DEPTH = 2

_NAMES = frozenset(label.rpartition(".")[2] for label in SLOW)
_CLOCKS = frozenset({"time.sleep", "asyncio.sleep"})


@per_function
def waiting_calls(function: Function) -> dict[Position, str]:
    """Where the function waits for a network, a process or the clock, itself or in a function of
    the project that waits on every way through it: position → what it calls."""
    found = dict(slow_calls(function))
    for number, i, op in function.positions:
        on = function.typed.on[number][i]
        label = _waiting(function, function.typed, op, on, DEPTH) if op.do == "call" else ""
        if label:
            found[number, i] = label
    return found


def _waiting(function: Function, caller: Typed, op: Op, on: Kind, depth: int) -> str:
    """What a function of the project that is called here always waits for."""
    callee = called(function.project.knowledge, op, on)
    if callee.name not in FUNCTIONS or callee.label not in function.project.knowledge.functions:
        return ""
    code = function.project.knowledge.functions[callee.label][1]
    if function.project.knowledge.decorators.get(callee.label):
        return ""
    runs = "next" if code.is_generator else "await"  # a loop over it runs all of it
    if (code.is_async or code.is_generator) and not any(
        other.do == runs and other.on == op.dst
        for block in caller.function.blocks
        for other in block.ops
    ):
        return ""  # a task, which somebody awaits later
    return _waits(function, callee.label, depth)


def _waits(function: Function, label: str, depth: int) -> str:
    project = function.project
    known: dict[str, str] = project.memo.setdefault("waits", {})  # type: ignore[assignment]
    if label not in known:
        known[label] = ""  # a function that calls itself adds nothing
        code = project.knowledge.functions[label][1]
        likely = any(op.name in _NAMES or op.on in _NAMES for b in code.blocks for op in b.ops)
        if likely or depth > 1:
            known[label] = _of_body(function, label, depth - 1)
    return known[label]


def _of_body(function: Function, label: str, depth: int) -> str:
    project = function.project
    typed = project.typed.get(label)
    if typed is None:  # it touches no database
        project.knowledge.asked = {}
        module, code = project.knowledge.functions[label]
        typed = infer(module, opened(code), project.knowledge, ())
    inside = Function(typed, project, function.effects, function.target)
    found = dict(slow_calls(inside))
    if depth:
        for number, i, op in inside.positions:
            if op.do == "call" and (number, i) not in found:
                more = _waiting(inside, typed, op, typed.on[number][i], depth)
                if more:
                    found[number, i] = more
    if not found or passes_by(typed.function, {number for number, _ in found}):
        return _after_guards(typed.function, found)
    return next(iter(found.values()))


def _after_guards(code: Body, found: dict[Position, str]) -> str:
    """The call of a network that every way leads to but those that an earlier ``return`` ends: a
    setting that is missing, an answer that is known already."""
    for (number, i), label in found.items():
        if label in _CLOCKS:
            continue
        at = code.blocks[number].ops[i].at
        guards = {
            n
            for n, block in enumerate(code.blocks)
            if any(op.do == "return" and op.at < at for op in block.ops)
        }
        if not passes_by(code, {number, *guards}):
            return label
    return ""
