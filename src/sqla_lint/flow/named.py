"""Which attributes of an object `refresh()` and `expire()` are about."""

from __future__ import annotations

from sqla_lint.ir import Const, Function, Op, Operand, Place

_METHODS = frozenset({"expire", "refresh"})
_KEYWORD = "attribute_names"
_DISPLAYS = frozenset({"list", "set", "tuple"})
# A name that stands for another name that stands for the list.
_MOVES = 3


def named(function: Function) -> dict[int, frozenset[str]]:
    """By the id of a call: the attributes that it names. One that names none, or lets others say
    which, is not there."""
    found: dict[int, frozenset[str]] = {}
    for block in function.blocks:
        for op in block.ops:
            if op.do == "call" and op.name in _METHODS and len(op.args) > 1:
                names = _names(function, _given(op))
                if names is not None:
                    found[id(op)] = names
    return found


def _given(op: Op) -> Operand | None:
    for position, arg in enumerate(op.args):
        if arg.star:
            return None
        if arg.keyword == _KEYWORD or (position == 1 and arg.keyword is None):
            return arg.value
    return None


def _names(function: Function, value: Operand | None) -> frozenset[str] | None:
    for _ in range(_MOVES):
        made = _made(function, value) if isinstance(value, str) else None
        if made is None:
            return None
        if made.do != "move":
            return _listed(made)
        value = made.on
    return None


def _made(function: Function, place: Place) -> Op | None:
    """The one operation that gives a place its value; None for a parameter."""
    if any(param.name == place for param in function.params):
        return None
    made = [op for block in function.blocks for op in block.ops if op.dst == place]
    return made[0] if len(made) == 1 else None


def _listed(op: Op) -> frozenset[str] | None:
    if op.do != "pack" or op.name not in _DISPLAYS or not op.args:
        return None
    values = [arg.value for arg in op.args if not arg.star]
    names = [v.value for v in values if isinstance(v, Const) and isinstance(v.value, str)]
    return frozenset(names) if len(names) == len(op.args) else None
