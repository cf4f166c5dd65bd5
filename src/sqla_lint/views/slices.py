"""How many elements a slice gives, where the program itself says so."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.ir import Const, Operand
from sqla_lint.project.kind import Kind
from sqla_lint.views.behind import Definitions, maker
from sqla_lint.views.function import Operation

_OPEN = Const(None)


def slice_length(defined: Definitions, taken: Operation) -> int | None:
    """How many elements ``users[:5]``, ``users[5:10]`` or ``users[-2:]`` has at most; None of what
    is no slice, or has no known end."""
    args = taken.op.args
    cut = maker(defined, args[0].value, taken) if taken.op.do == "getitem" and args else None
    if cut is None or cut.op.do != "pack" or cut.op.name != "slice":
        return None
    first, last, _ = (arg.value for arg in cut.op.args)
    start = 0 if first == _OPEN else number(first, cut.arg_kinds[0])
    if start is None:
        return None
    if last == _OPEN:
        return -start if start < 0 else None
    stop = number(last, cut.arg_kinds[1])
    if stop is None or (start < 0) != (stop < 0):
        return None
    return max(0, stop - start)


def number(operand: Operand | None, kind: Kind) -> int | None:
    """The whole number that a value is; None when it is none that is known."""
    if isinstance(operand, Const):
        value = operand.value
        return value if isinstance(value, int) and not isinstance(value, bool) else None
    known = kind.name == kinds.INT and kind.label.removeprefix("-").isdecimal()
    return int(kind.label) if known else None
