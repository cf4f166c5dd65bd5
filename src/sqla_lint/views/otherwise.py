"""What a value may be beside what its kind says: None, or something that was only called a text."""

from __future__ import annotations

from sqla_lint.ir import Arg, Const, Operand
from sqla_lint.project.frames import Spot
from sqla_lint.project.kind import NAME, Kind, dotted_label
from sqla_lint.views.function import Call, Operation
from sqla_lint.views.sql import reader, spot

HELPERS = 3  # helpers that return what helpers return

_CASTS = frozenset({"typing.cast", "typing_extensions.cast"})


def may_be_none(operation: Operation, operand: Operand, kind: Kind) -> bool:
    """A function of the project gives the value, and gives None on another way."""
    frame = reader(operation.function.project).frames.of(operation.function.label)
    here = operation.function.position(operation.op)
    if frame is None or here is None:
        return False
    return _gives_none(operation, Spot(frame, operand, here, kind, operation.op.at), 0)


def _gives_none(operation: Operation, there: Spot, depth: int) -> bool:
    known = reader(operation.function.project)
    for made in known.origins.makers(there):
        callee = None
        if made.frame.op(made.at).do == "call" and depth < HELPERS:
            callee = known.frames.callee(made.frame, made.at)
        if callee is None:
            continue
        ops = [op for block in callee.typed.function.blocks for op in block.ops]
        if any(op.do == "return" and op.on in (None, Const(None)) for op in ops):
            return True
        if any(_gives_none(operation, one, depth + 1) for one in callee.returned()):
            return True
    return False


def is_claimed(call: Call, argument: Arg, kind: Kind) -> bool:
    """The author told the type checker what it is (`cast(str, ...)`): it may be anything."""
    there = spot(call, argument, kind)
    if there is None:
        return False
    for made in reader(call.function.project).origins.makers(there):
        op = made.frame.op(made.at)
        if op.do == "call" and op.on is not None:
            on = made.frame.on(made.at).kind
            name = dotted_label(on, op.name)
            if on.name == NAME and name in _CASTS:
                return True
    return False
