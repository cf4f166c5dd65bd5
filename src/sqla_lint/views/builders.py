"""Functions of the project that only build a statement, and those that also do something."""

from __future__ import annotations

from sqla_lint.project.callers import called
from sqla_lint.views.function import Operation

_CHANGES = frozenset({"setattr", "setitem", "yield"})


def acts(operation: Operation) -> bool:
    """What is called is a function of the project that does more than to build what it returns:
    it calls something whose answer it does not need, or changes something; or a test calls it, to
    see what it does."""
    function = operation.function
    callee = called(function.project.knowledge, operation.op, operation.on)
    entry = function.project.knowledge.functions.get(callee.label)
    if entry is None:
        return False
    return function.is_test_code or any(
        op.do in _CHANGES
        or (op.do == "delete" and op.on is not None)  # of something, not a name of its own
        or (op.do == "call" and op.discarded)
        for block in entry[1].blocks
        for op in block.ops
    )
