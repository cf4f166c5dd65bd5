"""Whether a function surely reads all that is left of what a parameter holds."""

from __future__ import annotations

from collections.abc import Callable

from sqla_lint.ir import ENTRY, EXIT, Block, Function, Op, Place

# Builtins that take every element, and those that hand the elements on as they are asked for.
_TAKERS = frozenset({"list", "tuple", "sorted", "set", "dict", "sum", "frozenset", "max", "min"})
_WRAPPERS = frozenset({"enumerate", "iter", "reversed", "map", "filter"})
_READERS = frozenset({"all", "fetchall"})
# Another function that is given what the place holds, and surely reads it.
Passes = Callable[[Op, Place], bool]


def drains(function: Function, param: str, passes: Passes) -> bool:
    """Every way to the function's end, exceptions aside, has read the parameter to its end."""
    if function.is_generator:
        return False
    names = _names(function, param)
    if names is None:
        return False
    waiting, seen = [ENTRY], {ENTRY}
    while waiting:
        number = waiting.pop()
        if number == EXIT:
            return False
        block = function.blocks[number]
        if any(_takes(op, names, passes) for op in block.ops):
            continue
        looped = _loops(block, names)
        for edge in block.edges:
            if edge.to not in seen and not (looped and edge.when == "done"):
                seen.add(edge.to)
                waiting.append(edge.to)
    return True


def _names(function: Function, param: str) -> frozenset[Place] | None:
    """The places that hold the parameter or an iterator over it; None when it is bound anew."""
    names = {param}
    for block in function.blocks:
        for op in block.ops:
            if op.dst == param:
                return None
            given = [arg.value for arg in op.args]
            moved = op.do == "move" and op.on in names
            wrapped = op.do == "call" and op.name is None and op.on in _WRAPPERS
            if op.dst is not None and (moved or (wrapped and any(v in names for v in given))):
                names.add(op.dst)
    return frozenset(names)


def _takes(op: Op, names: frozenset[Place], passes: Passes) -> bool:
    if op.do != "call":
        return False
    if op.on in names:
        return op.name in _READERS
    given = [str(arg.value) for arg in op.args if arg.value in names]
    if op.name is None and op.on in _TAKERS:
        return bool(given)
    return any(passes(op, place) for place in given)


def _loops(block: Block, names: frozenset[Place]) -> bool:
    return any(op.do == "next" and op.on in names for op in block.ops)
