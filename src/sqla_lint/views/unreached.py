"""Code that only runs when a parameter is given that no call of the project gives."""

from __future__ import annotations

from sqla_lint.ir import Const
from sqla_lint.views.conditions import guards
from sqla_lint.views.function import Call, Operation
from sqla_lint.views.sql import reader


def is_never_reached(call: Call | Operation) -> bool:
    """A test that every way to it has passed says the opposite of a parameter's default, and all
    calls leave it at that. A function that nobody calls here is somebody else's to call."""
    function = call.function
    frames = reader(function.project).frames
    frame, here = frames.of(function.label), function.position(call.op)
    if frame is None or here is None or function.entry:
        return False
    defaults = {
        param.name: param.default
        for param in function.typed.function.params
        if isinstance(param.default, Const)
    }
    rebound = {op.dst for block in function.typed.function.blocks for op in block.ops}
    for (place, is_), holds in guards(frame, here):
        if place not in defaults or place in rebound:
            continue
        value = defaults[place].value
        if (value is None if is_ == "none" else bool(value)) is holds:
            continue
        given = frames.callers(function.label, place)
        if given and all(one.operand == defaults[place] for one in given):
            return True
    return False
