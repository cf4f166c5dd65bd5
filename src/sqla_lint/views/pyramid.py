"""What functions make for Pyramid's requests, and whether anybody ends it with the request."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.ir import Const
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_project

_REQUEST = "pyramid.request.Request()."
_ENDERS = frozenset({"close", "remove", "invalidate"})
_HANDED = frozenset({kinds.CONNECTION, kinds.SESSION})


def is_left_open(function: Function) -> bool:
    """A function that `add_request_method` was given: what it returns is kept on the request, and
    nobody closes it there. Whoever is handed the session, or captures it, may."""
    name = _methods(function).get(function.label)
    if name is None or function.is_generator:
        return False
    code = function.typed.function
    inner = function.typed.module.functions.values()
    if any(code.qualname in one.captures.values() for one in inner):
        return False
    for number, i, op in function.call_positions:
        given = function.typed.args[number][i]
        if any(kind.name in _HANDED for kind in given) or op.name in _ENDERS:
            return False
    return name not in _ended(function)


@per_project
def _methods(function: Function) -> dict[str, str]:
    """The functions that `add_request_method` was given, with the names on the request."""
    found: dict[str, str] = {}
    knowledge = function.project.knowledge
    if not any(label.startswith(_REQUEST) for label in knowledge.kept):
        return found
    for inferred in function.project.inferred.values():
        typed = inferred.typed
        if not any(label.startswith(_REQUEST) for label, _ in typed.kept):
            continue
        code = typed.module.functions[typed.function.qualname]
        for block in code.blocks:
            for op in block.ops:
                if op.name != "add_request_method" or not op.args:
                    continue
                maker = str(op.args[0].value)
                kind = knowledge.global_name(typed.module, maker) if maker.isidentifier() else None
                words = {arg.keyword: arg.value for arg in op.args if arg.keyword}
                positional = [arg.value for arg in op.args if arg.keyword is None]
                named = words.get("name", positional[1] if len(positional) > 1 else None)
                name = named.value if isinstance(named, Const) else maker
                if kind is not None and kind.name == kinds.FUNCTION:
                    found[kind.label] = str(name)
    return found


@per_project
def _ended(function: Function) -> frozenset[str]:
    """Names of attributes that something in the project is closed by: `request.db.close()`."""
    return frozenset(
        op.on.rpartition(".")[2]
        for _, code in function.project.knowledge.functions.values()
        for block in code.blocks
        for op in block.ops
        if op.do == "call" and op.name in _ENDERS and isinstance(op.on, str) and "." in op.on
    )
