"""Messages that a function sends to workers, also by a function of the project that always does."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.catalog import kinds
from sqla_lint.catalog.waiting import SENDERS, SENDING_CALLS
from sqla_lint.flow.root import Position
from sqla_lint.ir import Op
from sqla_lint.project.bodies import opened
from sqla_lint.project.callers import called
from sqla_lint.project.infer import infer
from sqla_lint.project.kind import FUNCTIONS
from sqla_lint.views.function import Function, Operation
from sqla_lint.views.once import per_function
from sqla_lint.views.slow import sending_calls
from sqla_lint.ways import passes_by

_NAMES = SENDERS | frozenset(label.rpartition(".")[2] for label in SENDING_CALLS)


@per_function
def messages(function: Function) -> dict[Position, str]:
    """Where the function hands work to a queue, itself or by a function that it gives an object, or
    something of one: position → what is sent."""
    found = dict(sending_calls(function))
    for operation in function.operations():
        position = function.position(operation.op) if operation.op.do == "call" else None
        if position is None or position in found or not _has_row(function, operation):
            continue
        label = _sent_by(function, operation)
        if label:
            found[position] = label
    return found


def _has_row(function: Function, operation: Operation) -> bool:
    """It is given a mapped object, or an attribute of one."""
    read = {op.dst for op, on in _reads(function) if on == kinds.ENTITY}
    pairs = zip(operation.op.args, operation.arg_kinds, strict=False)
    return any(kind.name == kinds.ENTITY or arg.value in read for arg, kind in pairs)


def _reads(function: Function) -> Iterator[tuple[Op, str]]:
    for number, i, op in function.positions:
        if op.do == "getattr" and op.dst is not None:
            yield op, function.typed.on[number][i].name


def _sent_by(function: Function, operation: Operation) -> str:
    """What the function that is called sends on every way through it."""
    project = function.project
    callee = called(project.knowledge, operation.op, operation.on)
    entry = project.knowledge.functions.get(callee.label) if callee.name in FUNCTIONS else None
    if entry is None or entry[1].is_generator or project.knowledge.decorators.get(callee.label):
        return ""
    module, code = entry
    if not any(op.name in _NAMES for block in code.blocks for op in block.ops):
        return ""
    typed = project.typed.get(callee.label)
    if typed is None:  # it touches no database
        project.knowledge.asked = {}
        typed = infer(module, opened(code), project.knowledge, ())
    sent = sending_calls(Function(typed, project, function.effects, function.target))
    if not sent or passes_by(typed.function, {number for number, _ in sent}):
        return ""
    return next(iter(sent.values()))
