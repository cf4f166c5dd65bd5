"""Registries that keep one session for each task, and whether anything takes them out again."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.views.emptied import empties_registries
from sqla_lint.views.function import Call
from sqla_lint.views.registries import called_inside

_BY_TASK = frozenset({"asyncio.current_task", "asyncio.tasks.current_task"})
_BEGIN = frozenset({"create_task", "gather", "ensure_future", "start_soon", "TaskGroup"})


def keeps_tasks(call: Call) -> bool:
    """An `async_scoped_session` by task, in a program of many tasks, that nothing removes from."""
    function = call.function
    if not call.library_name.endswith(".async_scoped_session") or function.entry == "test":
        return False
    scope = call.argument(1, "scopefunc")
    if scope is None or scope[1].label not in _BY_TASK:
        return False
    if any(kinds.SCOPED_SESSION in {k.name for k in c.arg_kinds} for c in function.calls()):
        return False  # it was handed to somebody who may end it
    if empties_registries(function) or not function.uses_registry():
        return False
    if any("clear" in called_inside(typed) for typed in function.project.typed.values()):
        return False  # `sessions.registry.clear()`, by hand
    return function.serves_requests or _begins_tasks(call)


def _begins_tasks(call: Call) -> bool:
    functions = call.function.project.knowledge.functions.values()
    return any(
        op.do == "call" and (op.name or str(op.on).rpartition(".")[2]) in _BEGIN
        for module, body in functions
        if not call.function.project.knowledge.told.is_test(module.path)
        for block in body.blocks
        for op in block.ops
    )
