"""Application contexts that are pushed: Flask-SQLAlchemy removes its session at their end."""

from __future__ import annotations

from sqla_lint.flow.solve import End
from sqla_lint.ir import EXIT
from sqla_lint.views.function import Function
from sqla_lint.ways import behind

_CONTEXTS = frozenset({"app_context", "request_context", "test_request_context"})


def context_ends(function: Function, end: End) -> bool:
    """The failure lies in a `with app.app_context():`, whose end removes the session before
    anybody works with it again."""
    if end.root.kind.owner != "registry" or "request-scoped" not in end.root.kind.traits:
        return False
    number, after = end.mark
    managers = {
        operation.op.on
        for operation in function.operations()
        if operation.op.do == "enter" and _is_context(function, operation.op.on)
    }
    if not managers:
        return False
    blocks = function.typed.function.blocks
    left = {
        i
        for i, block in enumerate(blocks)
        for at, op in enumerate(block.ops)
        if op.do == "leave" and op.on in managers and (i != number or at > after)
    }
    come_to = behind(blocks, [number], stop=left, caught=True)
    return bool(come_to & left) and EXIT not in come_to


def _is_context(function: Function, manager: object) -> bool:
    made = function.maker(manager) if isinstance(manager, str) else None
    return made is not None and made.op.do == "call" and made.op.name in _CONTEXTS
