"""Statements that a function of the project is given to run: ``self.fetch(select(...))``."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.ir import Arg
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.kind import FUNCTIONS, Kind
from sqla_lint.views.function import Call, Function
from sqla_lint.views.once import per_function

_GIVEN = frozenset({kinds.SELECT})


def handed_statement(call: Call) -> tuple[Arg, Kind] | None:
    """The argument that the function that is called runs as it is, when it is a SELECT."""
    if not any(kind.name in _GIVEN for kind in call.arg_kinds):
        return None
    knowledge = call.function.project.knowledge
    callee = called(knowledge, call.op, call.on)
    typed = call.function.project.typed.get(callee.label)
    if callee.name not in FUNCTIONS or typed is None or callee.label == call.function.label:
        return None
    run = _run_as_given(call.function.of(typed))
    pairs = zip(parameters(knowledge, call.op, callee), call.arg_kinds, strict=False)
    for (arg, name), kind in pairs:
        if name in run and kind.name in _GIVEN:
            return arg, kind
    return None


@per_function
def _run_as_given(function: Function) -> frozenset[str]:
    """Parameters that are only ever what a caller passed, and are run."""
    ops = [op for block in function.typed.function.blocks for op in block.ops]
    bound = {op.dst for op in ops}
    given = {param.name for param in function.typed.function.params} - bound
    ran = (one.executed() for one in function.calls()) if given else ()
    return frozenset(str(one[0].value) for one in ran if one is not None) & given
