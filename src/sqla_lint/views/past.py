"""Bulk writes that never reach the listeners of a mapped class."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Const, Op, Ref
from sqla_lint.ir import Function as Body
from sqla_lint.project.kind import class_name
from sqla_lint.project.listeners import Listener
from sqla_lint.views.behind import definitions
from sqla_lint.views.function import Function
from sqla_lint.views.identity import bulk_writes

_VERBS = {"update": "update", "delete": "delete"}
_MAPPINGS = {"bulk_insert_mappings": "insert", "bulk_update_mappings": "update"}
# With these a project looks after its bulk writes by itself.
_BULK_EVENTS = frozenset({"after_bulk_update", "after_bulk_delete", "do_orm_execute"})
_SESSIONS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION})
_ENTITIES = frozenset({kinds.MAPPED_CLASS, kinds.ENTITY})


class Past(NamedTuple):
    """A bulk write, and a listener that is not called for it."""

    op: Op
    verb: str
    model: str
    event: str
    listener: str
    at: Ref
    path: str


def past_listeners(function: Function) -> Iterator[Past]:
    """Statements that change rows of a class whose mapper events the project listens to."""
    project = function.project
    known = [Listener(*one) for one in project.knowledge.listeners]
    if not any(one.of for one in known) or any(one.event in _BULK_EVENTS for one in known):
        return
    for op, verb, model, columns in _writes(function):
        for one in sorted(known):
            if one.of != model or one.event not in (f"before_{verb}", f"after_{verb}"):
                continue
            module, code = project.knowledge.functions[one.label]
            if _sets(code) and _sets(code) <= columns:
                continue
            if columns and _derives_from(code).isdisjoint(columns) and _derives_from(code):
                continue
            name = class_name(model)
            called = class_name(one.label)
            yield Past(op, verb, name, one.event, called, code.at, module.path)
            break


def _writes(function: Function) -> Iterator[tuple[Op, str, str, frozenset[str]]]:
    for write in bulk_writes(function, definitions(function)):
        operation = write.operation
        statement = operation.on if operation.on.name == kinds.QUERY else operation.arg_kinds[0]
        of_class = len(statement.of) == 1 and statement.of[0].name in _ENTITIES
        if of_class and write.verb in _VERBS:
            yield operation.op, write.verb, write.model, write.columns
    for operation in function.operations():
        op = operation.op
        verb = _MAPPINGS.get(op.name or "") if op.do == "call" else None
        given = operation.arg_kinds[:1] if operation.on.name in _SESSIONS else ()
        if verb and given and given[0].name == kinds.MAPPED_CLASS:
            yield op, verb, given[0].label, frozenset()


def _sets(code: Body) -> frozenset[str]:
    """The attributes of its object that a listener sets; none when it does something else, too."""
    params = [param.name for param in code.params]
    ops = [op for block in code.blocks for op in block.ops]
    if not params or any(op.do == "call" and (op.discarded or op.on in params) for op in ops):
        return frozenset()
    return frozenset(
        op.name for op in ops if op.do == "setattr" and op.on == params[-1] and op.name
    )


def _derives_from(code: Body) -> frozenset[str]:
    """The attributes of its object that a listener looks at or asks the history of, when what it
    does depends on them: it sets others, or asks whether they have changed."""
    params = [param.name for param in code.params]
    ops = [op for block in code.blocks for op in block.ops]
    if not params:
        return frozenset()
    target = params[-1]
    read = {op.name for op in ops if op.do == "getattr" and op.on == target and op.name}
    asked = {
        str(arg.value.value)
        for op in ops
        if op.do == "call" and "get_history" in (op.name, str(op.on).rpartition(".")[2])
        for arg in op.args
        if isinstance(arg.value, Const) and isinstance(arg.value.value, str)
    }
    return frozenset(asked or (read if _sets(code) else ()))
