"""Calls that pass a constant with which the function they call writes nothing."""

from __future__ import annotations

from sqla_lint.flow.root import Root
from sqla_lint.ir import Op
from sqla_lint.project.callers import called
from sqla_lint.project.flags import flags, reached
from sqla_lint.views.function import Function

_WRITES = frozenset({"add", "delete", "dirty", "flush", "write"})


def writes_nothing(function: Function, root: Root, op: Op) -> bool:
    """`import_rows(session, rows, write=False)`: everything that is written there lies behind a
    test of what is passed."""
    here, project = function.position(op), function.project
    if op.do != "call" or here is None:
        return False
    on = function.typed.on[here[0]][here[1]]
    typed = project.typed.get(called(project.knowledge, op, on).label)
    told = flags(project.knowledge, op, on) if typed is not None else frozenset()
    if typed is None or not told:
        return False
    inner = function.of(typed)
    found = [
        position
        for handle in inner.handles(root.kind.name)
        for use in inner.uses(handle)
        if _WRITES & set(use.happening.events)
        if (position := inner.position(use.op)) is not None
    ]
    running = reached(typed.function, told)
    return bool(found) and not any(number in running for number, _ in found)
