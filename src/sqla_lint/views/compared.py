"""Many-to-ones that a loop reads only to see whether they lead to an object that it has anyway."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.flow.attributes import Mapped
from sqla_lint.ir import Op, Operand
from sqla_lint.views.function import Function

_COMPARED = frozenset({"!=", "==", "is", "is not"})
_TELLS_NOTHING = frozenset({kinds.UNKNOWN, kinds.ENTITY})
# Attributes of attributes: `bill.batch.contract`.
DEPTH = 3


def is_compared(function: Function, attribute: Mapped, read: Op) -> bool:
    """Each read of a many-to-one in a function is compared with an object that is the same in all
    turns of the loop: where it is that one, the session has it, and no statement is run."""
    if attribute.role != "relationship" or attribute.many is not False:
        return False
    place = function.position(read)
    if place is None or read.do != "getattr" or read.name != attribute.name:
        return False  # a property reads it
    owner = function.typed.on[place[0]][place[1]].label
    return all(
        _is_only_compared(function, number, op)
        for number, i, op in function.positions
        if op.do == "getattr"
        and op.name == attribute.name
        and function.typed.on[number][i].label == owner
    )


def _is_only_compared(function: Function, number: int, read: Op) -> bool:
    loops = function.typed.function.blocks[number].loops
    readers = function.readers.get(read.dst, []) if read.dst is not None else []
    if not loops or not readers:
        return False
    for op in readers:
        place = function.position(op)
        if op.do != "compare" or op.name not in _COMPARED or place is None:
            return False
        on, args = function.typed.on[place[0]][place[1]], function.typed.args[place[0]][place[1]]
        other, kind = (op.args[0].value, args[0]) if op.on == read.dst else (op.on, on)
        if kind.name not in _TELLS_NOTHING or not _is_had(function, other, loops[-1], DEPTH):
            return False
    return True


def _is_had(function: Function, operand: Operand | None, loop: int, depth: int) -> bool:
    """A variable that no turn of a loop binds, or an attribute of one."""
    if not isinstance(operand, str) or not depth:
        return False
    made = function.maker(operand)
    if operand[0] == "%":
        reads = made is not None and made.op.do == "getattr"
        return made is not None and reads and _is_had(function, made.op.on, loop, depth - 1)
    name = operand.partition(".")[0]
    blocks = function.typed.function.blocks
    return not any(
        loop in blocks[number].loops and op.dst in (name, operand)
        for number, _, op in function.positions
    )
