"""Functions that the program has left behind: nobody calls, imports or mentions them."""

from __future__ import annotations

from sqla_lint.ir import Const
from sqla_lint.ir import Function as Code
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_project

# With so many others of its module in use elsewhere it is no library, whose callers are not here.
LIVING = 3


def is_dead(function: Function) -> bool:
    """A plain function whose name stands nowhere else, in a module whose others are used by other
    modules."""
    module, code, name = function.typed.module, function.typed.function, function.qualname
    if "." in name or code.kind != "def" or code.decorators or function.entry:
        return False
    mentioned = _mentioned(function)
    if name in mentioned:
        return False
    living = (
        other.qualname
        for other in module.functions.values()
        if other.kind == "def" and other.parent == code.parent and other is not code
    )
    return sum(bool(mentioned.get(other, set()) - {module.name}) for other in living) >= LIVING


@per_project
def _mentioned(function: Function) -> dict[str, set[str]]:
    """Words, and the modules they stand in."""
    told = function.project.knowledge.told
    found: dict[str, set[str]] = {}
    for module, code in function.project.knowledge.functions.values():
        if told.is_test(module.path):
            continue
        for word in _words(code):
            found.setdefault(word, set()).add(module.name)
    return found


def _words(code: Code) -> set[str]:
    places: set[str] = set()
    words: set[str] = set()
    for block in code.blocks:
        for op in block.ops:
            if op.name is not None and op.do in ("call", "getattr"):
                words.add(op.name)
            for operand in (op.on, *[arg.value for arg in op.args]):
                if isinstance(operand, str):
                    places.add(operand)
                elif isinstance(operand, Const) and isinstance(operand.value, str):
                    words.add(operand.value)  # `from m import name`, `__all__`, a table of names
    return words.union(*[place.split(".") for place in places])
