"""Values of which only an annotation says what they are."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.ir import Operand
from sqla_lint.project.callers import called
from sqla_lint.views.function import Function

# `x = await f()` is a call, an await and a move; a longer way is not followed.
STEPS = 4


def is_hearsay(function: Function, operand: Operand | None) -> bool:
    """A function of the project gives it, and its annotation alone says what: a plain `dict` there
    is often none."""
    for _ in range(STEPS):
        made = [o for o in function.operations() if o.op.dst == operand and o.op.do != "getattr"]
        if operand is None or len(made) != 1:
            return False
        op, on = made[0].op, made[0].on
        if op.do == "call":
            callee = called(function.project.knowledge, op, on)
            code = function.project.knowledge.functions.get(callee.label)
            if callee.name not in (kinds.FUNCTION, "METHOD") or code is None:
                return False
            return code[1].returns is not None
        if op.do not in ("move", "await"):
            return False
        operand = op.on
    return False
