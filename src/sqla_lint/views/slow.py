"""Calls that wait for somebody else, or that hand somebody else work."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.catalog.waiting import SENDERS, SENDING_CALLS, SLOW, TASK_MAKERS
from sqla_lint.flow.root import Position
from sqla_lint.ir import Op, Place
from sqla_lint.project.kind import FOREIGN, NAME, Kind
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_function
from sqla_lint.views.transactions import operations_of


@per_function
def slow_calls(function: Function) -> dict[Position, str]:
    """Where the function waits for a network, a process or the clock: position → what it calls."""
    found: dict[Position, str] = {}
    for number, i, op in operations_of(function):
        if op.do == "call":
            label = library_call(function, (number, i))
        elif op.do == "next" and op.name == "async":  # the messages of a socket
            on = function.typed.on[number][i]
            label = f"{on.label}.receive" if on.name in (NAME, FOREIGN) else ""
        else:
            continue
        if label in SLOW:
            found[number, i] = label
    return found


@per_function
def sending_calls(function: Function) -> dict[Position, str]:
    """Where the function hands work to a queue, with something of its own in the message."""
    found: dict[Position, str] = {}
    for number, i, op in operations_of(function):
        if op.do != "call" or not _has_variable(function, op):
            continue
        on = function.typed.on[number][i]
        label = library_call(function, (number, i))
        if label in SENDING_CALLS or (op.name in SENDERS and _is_task(function, on)):
            found[number, i] = f"{op.on}.{op.name}"
    return found


def _has_variable(function: Function, op: Op) -> bool:
    """An argument is read from something, such as the id of a row."""
    for arg in op.args:
        if isinstance(arg.value, str) and (arg.value[0] != "%" or "." in arg.value):
            return True
        made = function.maker(arg.value)
        if made is not None and made.op.do in ("getattr", "call", "getitem"):
            return True
        packed = made is not None and made.op.do in ("pack", "format")
        if made is not None and packed and any(isinstance(a.value, str) for a in made.op.args):
            return True
    return False


def _is_task(function: Function, on: Kind) -> bool:
    own = (
        function.project.knowledge.decorators.get(on.label, ()) if on.name == kinds.FUNCTION else ()
    )
    return any(decorator.label.startswith(TASK_MAKERS) for decorator in own)


def library_call(function: Function, position: Position) -> str:
    """The dotted name of what is called outside the project; clients that a ``with`` binds are
    named by how they are made."""
    number, i = position
    op, on = function.op(position), function.typed.on[number][i]
    label = on.label if on.name in (NAME, FOREIGN) else ""
    if not label and isinstance(op.on, str):
        first, dot, rest = op.on.partition(".")
        client = _clients(function).get(first, "")
        label = f"{client}{dot}{rest}" if client else ""
    return f"{label}.{op.name}" if label and op.name else label


@per_function
def _clients(function: Function) -> dict[Place, str]:
    return {
        op.dst: on.label
        for number, i, op in operations_of(function)
        if op.do == "enter" and op.dst is not None
        for on in (function.typed.on[number][i],)
        if on.name == FOREIGN
    }
