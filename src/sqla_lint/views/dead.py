"""Functions that the program has left behind: nobody calls, imports or mentions them."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.ir import Const, Op
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_project

# With so many others of its module in use it is no library, whose callers are elsewhere.
LIVING = 3


def is_dead(function: Function) -> bool:
    """A plain function whose name stands nowhere else, in a module whose others are used."""
    code, name = function.typed.function, function.qualname
    if "." in name or code.kind != "def" or code.decorators or function.entry:
        return False
    mentioned = _mentioned(function)
    if name in mentioned:
        return False
    others = function.typed.module.functions.values()
    living = [o for o in others if o.kind == "def" and o.parent == code.parent and o is not code]
    return sum(other.qualname in mentioned for other in living) >= LIVING


@per_project
def _mentioned(function: Function) -> frozenset[str]:
    told = function.project.knowledge.told
    return frozenset(
        word
        for module, code in function.project.knowledge.functions.values()
        if not told.is_test(module.path)
        for block in code.blocks
        for op in block.ops
        for word in _words(op)
    )


def _words(op: Op) -> Iterator[str]:
    if op.name is not None and op.do in ("call", "getattr"):
        yield op.name
    for operand in (op.on, *(arg.value for arg in op.args)):
        if isinstance(operand, str):
            yield from operand.split(".")
        elif isinstance(operand, Const) and isinstance(operand.value, str):
            yield operand.value  # `from m import name`, `__all__`, a table of names
