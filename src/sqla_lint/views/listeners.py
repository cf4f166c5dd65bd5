"""What a listener of SQLAlchemy's events does to sessions that are not its own."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.catalog import kinds
from sqla_lint.ir import Op, Operand, Place
from sqla_lint.project.kind import NAME
from sqla_lint.views.function import Function, Operation

_MAKERS = frozenset({kinds.SESSION_FACTORY, kinds.CLASS, kinds.GENERATOR, kinds.FUNCTION})
_SESSIONS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION})


def listens_for(function: Function) -> frozenset[str]:
    """The events for which SQLAlchemy calls a function."""
    listeners = function.project.knowledge.listeners
    return frozenset(event for label, event, _ in listeners if label == function.label)


def given_sessions(function: Function) -> Iterator[Operation]:
    """Method calls on sessions that the function did not make itself."""
    own: set[Place | None] = set()
    for _ in range(2):  # a second round finds names bound after their first use
        for operation in function.operations():
            op = operation.op
            makes = op.do == "call" and (
                operation.on.name in _MAKERS or (operation.on.name == NAME and op.name is None)
            )
            if operation.result.name == kinds.SESSION and makes:
                if not operation.on.label.endswith("object_session"):
                    own.add(op.dst)
            elif op.on in own and op.do in ("move", "enter", "await"):
                own.add(op.dst)
    for operation in function.operations():
        called = operation.op.do == "call" and bool(operation.op.name)
        if called and operation.on.name in _SESSIONS and operation.op.on not in own:
            yield operation


def changes_of_others(function: Function) -> Iterator[tuple[Op, str]]:
    """Attributes that a listener sets on objects to which a relationship of its own leads, and the
    name of the object."""
    classes = function.project.knowledge.classes
    others: dict[Operand | None, str] = {}
    for _ in range(2):  # a second round finds names bound after their first use
        for operation in function.operations():
            op, on = operation.op, operation.on
            if op.do == "getattr" and on.name == kinds.ENTITY and op.name and op.dst:
                found = classes.attribute(on.label, op.name)
                if found is not None and found.name == kinds.RELATIONSHIP:
                    others[op.dst] = f"{op.on}.{op.name}"
            elif op.do == "move" and op.on in others and op.dst:
                others[op.dst] = op.dst
    for operation in function.operations():
        op = operation.op
        if op.do == "setattr" and op.on in others:
            yield op, others[op.on]
