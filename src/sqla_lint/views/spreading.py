"""Helpers of the project that run a function they are given in several tasks at the same time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Const, Operand, Place
from sqla_lint.ir import Function as Code
from sqla_lint.project import workers
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.kind import FOREIGN, FUNCTIONS, NAME, UNKNOWN, Kind, dotted_label
from sqla_lint.views.beside import (
    LOCKS,
    Position,
    Work,
    by_helper,
    coroutines,
    locks,
    makers,
    started,
)
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_project
from sqla_lint.views.sql import reader as strings
from sqla_lint.views.waiting import NEVER, end

# The last words of what runs tasks.
_STARTING = frozenset(
    label.rpartition(".")[2]
    for label in (
        *workers.TOGETHER,
        *(label for label, start in workers.STARTS.items() if start.where == "task"),
    )
)
# A lock that lets in as many as it is told.
_GATES = frozenset(
    f"{library}.{name}"
    for library in ("asyncio", "asyncio.locks", "anyio", "trio")
    for name in ("BoundedSemaphore", "CapacityLimiter", "Semaphore")
)
_ALL = ""  # nothing says how many run at once


class _Run(NamedTuple):
    """A parameter that is run in several tasks, and the one that says how many may be at once."""

    parameter: str
    most: str


def spread(function: Function) -> Iterator[Work]:
    """`each(self.refresh, users)`: what a function gives to such helpers, as work that is done
    several times at the same time."""
    for number, i, op in function.call_positions:
        loops = function.typed.function.blocks[number].loops
        yield from by_helper(function, op, (number, i), loops, _run_by)


def _run_by(function: Function, at: Position, helper: Kind) -> dict[str, workers.Where]:
    return {
        run.parameter: "task"
        for run in _runs(function, helper.label)
        if _most(function, at, helper, run.most) == _ALL
    }


def _most(function: Function, at: Position, helper: Kind, most: str) -> str | None:
    """How many a call lets run at once: `_ALL` for more than one, the parameter of the function
    that says it, or None when that is not known."""
    if most == _ALL:
        return _ALL
    op = function.op(at)
    knowledge = function.project.knowledge
    pairs = zip(parameters(knowledge, op, helper), function.typed.args[at[0]][at[1]], strict=False)
    for (arg, parameter), kind in pairs:
        if parameter == most:
            return _several(function, arg.value, kind)
    for param in knowledge.functions[helper.label][1].params:
        if param.name == most and isinstance(param.default, Const):
            number = param.default.value
            return _ALL if isinstance(number, int) and number > 1 else None
    return None


def _several(function: Function, value: Operand, kind: Kind) -> str | None:
    if kind.name == kinds.INT and kind.label:
        return _ALL if int(kind.label) > 1 else None
    return str(value) if value in _parameters(function.typed.function) else None


def _parameters(code: Code) -> set[str]:
    """The parameters of a function that keep the value they were given."""
    bound = {op.dst for block in code.blocks for op in block.ops if op.do != "getattr"}
    return {param.name for param in code.params} - bound


def _runs(function: Function, label: str) -> frozenset[_Run]:
    known = _known(function)
    if label not in known:
        known[label] = frozenset()  # one that calls itself adds nothing
        entry = function.project.knowledge.functions.get(label)
        if entry is not None and _may_run(entry[1]):
            frame = strings(function.project).frames.of(label)
            if frame is not None:
                known[label] = frozenset(_found(function.of(frame.typed)))
    return known[label]


@per_project
def _known(function: Function) -> dict[str, frozenset[_Run]]:
    """What has been asked of functions."""
    return {}


def _may_run(code: Code) -> bool:
    """It starts tasks, or hands one of its parameters to a function that may."""
    params = _parameters(code)
    return any(
        op.do == "call"
        and (
            (op.name or str(op.on).rpartition(".")[2]) in _STARTING
            or any(arg.value in params for arg in op.args)
        )
        for block in code.blocks
        for op in block.ops
    )


def _found(helper: Function) -> Iterator[_Run]:
    code = helper.typed.function
    params = _parameters(code)
    for work in _repeated(helper):
        yield from _called(helper, work, params)
    for number, i, op in helper.call_positions:
        callee = called(helper.project.knowledge, op, helper.typed.on[number][i])
        given = {arg.value for arg in op.args} & params
        if not given or callee.name not in FUNCTIONS or callee.label == helper.label:
            continue
        runs = _runs(helper, callee.label)
        for arg, parameter in parameters(helper.project.knowledge, op, callee) if runs else ():
            for run in runs:
                if run.parameter == parameter and arg.value in params:
                    most = _most(helper, (number, i), callee, run.most)
                    if most is not None:
                        yield _Run(str(arg.value), most)


def _repeated(helper: Function) -> Iterator[Work]:
    """Work that a function starts in a loop, and does not wait for there."""
    blocks = helper.typed.function.blocks
    for number, i, op in helper.call_positions:
        on = helper.typed.on[number][i]
        label = workers.plain(dotted_label(on, op.name)) if on.name in (NAME, FOREIGN) else ""
        if label in workers.TOGETHER:
            for work in coroutines(helper, [a.value for a in op.args if a.keyword is None]):
                if work.many or set(work.loops) - set(blocks[number].loops):
                    yield work
    for work in started(helper):
        if work.where == "task" and work.loops:
            stop = end(helper, work)
            here = stop != NEVER and blocks[stop[0]].loops[: len(work.loops)] == work.loops
            if not here:
                yield work


def _called(helper: Function, work: Work, params: set[str]) -> Iterator[_Run]:
    """The parameters of a helper that a piece of its work calls."""
    op = work.made or work.op
    run: Operand | None = op.on if op.name is None else None
    if op.args and (work.many or op.name == "start_soon"):
        run = op.args[0].value  # `map(func, items)`
    if run in params:
        yield _Run(str(run), _ALL)
    entry = helper.project.knowledge.functions.get(work.function.label)
    if entry is None:
        return
    code = entry[1]
    calls = {o.on for block in code.blocks for o in block.ops if o.do == "call" and o.name is None}
    inner = helper.typed.function.qualname
    names = {name for name in params & calls if code.captures.get(name) == inner}
    names |= {str(one.value) for one in work.handed if one.parameter in calls} & params
    most = _gate(helper, work.function.label, code) if names else None
    if most is not None:
        yield from (_Run(name, most) for name in names)


def _gate(helper: Function, label: str, code: Code) -> str | None:
    """How many a piece of work lets in at once, as `_most` says it."""
    most: str | None = _ALL
    inner = helper.typed.function.qualname
    named = {op.at for op in locks(helper, label)}
    frame = strings(helper.project).frames.of(label)
    for number, block in enumerate(code.blocks):
        for i, op in enumerate(block.ops):
            if op.do != "enter" and not (op.do == "call" and op.name == "acquire"):
                continue
            lock = str(op.on)
            size = _size(helper, lock) if code.captures.get(lock) == inner else None
            if size is None:
                kind = frame.typed.on[number][i] if frame is not None else UNKNOWN
                size = None if op.at in named or kind.label.endswith(LOCKS) else _ALL
            if size != _ALL:
                most = size if most == _ALL else None
    return most


def _size(helper: Function, place: Place) -> str | None:
    """The same of a lock that the helper has made."""
    made = list(makers(helper, place))
    if len(made) != 1 or made[0][2].do != "call" or not made[0][2].args:
        return None
    number, i, op, arg_kinds = made[0]
    if dotted_label(helper.typed.on[number][i], op.name) not in _GATES:
        return None
    return _several(helper, op.args[0].value, arg_kinds[0])
