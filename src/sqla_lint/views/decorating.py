"""Objects that a decorator makes and hands to the function that it decorates."""

from __future__ import annotations

from sqla_lint.flow.root import Root
from sqla_lint.ir import Op
from sqla_lint.views.function import Function


def is_handed_to_decorated(function: Function, root: Root) -> bool:
    """A wrapper hands it to what its decorator was given, and to nobody else that is not known."""
    away = [use.op for use in function.uses(root) if "escape" in use.happening.events]
    return bool(away) and all(_calls_decorated(function, op) for op in away)


def _calls_decorated(function: Function, op: Op) -> bool:
    code = function.typed.function
    if op.do not in ("call", "await") or op.name is not None or code.parent is None:
        return False
    name = op.on
    if op.do == "await":
        name = next((o.on for _, _, o in function.positions if o.dst == op.on), None)
    decorator = function.typed.module.functions.get(code.parent)
    if decorator is None or name in code.locals:
        return False
    return any(param.name == name for param in decorator.params)
