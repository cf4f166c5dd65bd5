"""Options of an object that the program leaves at their defaults: ``def __init__(self, conn,
table="events")``, kept as ``self.table``.

Whoever makes such an object configures it; as long as nobody is seen to pass anything but
constants, the default is what is used. What a method is handed is another matter: that is what it
works on.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.ir import Const, Function, Op
from sqla_lint.project.frames import Frame, Spot
from sqla_lint.project.origins import Origins
from sqla_lint.regex import pattern

_INIT = "__init__"
# What names a table, a column, a schema or a setting: `app.current_tenant`.
_NAME = pattern(r"[A-Za-z_][\w$]*(?:\.[A-Za-z_][\w$]*)*")
# Constructors that call those of their bases.
BASES = 6


def is_left_at_default(origins: Origins, spot: Spot, depth: int = BASES) -> bool:
    """A parameter of a constructor that keeps it, whose default is a constant name, and for which
    every known call passes a constant, or such a parameter of its own; tests aside."""
    frame, name = spot.frame, spot.operand
    function = frame.typed.function
    if function.parent not in frame.typed.module.classes or not depth:
        return False
    if function.qualname.rpartition(".")[2] != _INIT:
        return False
    default = next((one.default for one in function.params if one.name == name), None)
    if not isinstance(default, Const) or not isinstance(default.value, str):
        return False
    if _NAME.fullmatch(default.value) is None or not _is_kept(frame, str(name)):
        return False
    told = origins.frames.project.knowledge.told
    return all(
        told.is_test(one.frame.typed.module.path)
        or origins.harmless(one)
        or is_left_at_default(origins, one, depth - 1)
        for one in origins.frames.callers(frame.label, str(name))
    )


def _is_kept(frame: Frame, name: str) -> bool:
    """It is set on the object, or handed to the constructor of a base, and no other method sets
    that attribute; nor is the parameter another value meanwhile."""
    function = frame.typed.function
    if any(op.dst == name for op in _operations(function)):
        return False
    kept = {op.name for op in _operations(function) if op.do == "setattr" and _gives(op, name)}
    if not kept:
        return any(op.do == "call" and op.name == _INIT for op in _operations(function))
    return not any(
        op.do == "setattr" and op.name in kept
        for other in frame.typed.module.functions.values()
        if other.parent == function.parent and other is not function
        for op in _operations(other)
    )


def _gives(op: Op, name: str) -> bool:
    return any(arg.value == name for arg in op.args)


def _operations(function: Function) -> Iterator[Op]:
    return (op for block in function.blocks for op in block.ops)
