"""Lists of criteria that may be empty where a write spreads them: then it has no criterion."""

from __future__ import annotations

from sqla_lint.ir import Arg, Op, Place
from sqla_lint.project.kind import NAME
from sqla_lint.views.function import Call, Function

_LOGIC = frozenset({"and_", "or_"})
_GROWING = frozenset({"append", "extend", "insert"})
_FILTERS = frozenset({"where", "filter", "filter_by"})


def empty_criteria_of(call: Call) -> Arg | None:
    """The list that a `where()` of a write spreads, as its only criterion, though a way leads
    there on which nothing was put into it."""
    if len(call.op.args) != 1 or _is_filtered_again(call):
        return None
    spread = call.op.args[0]
    if not spread.star:
        made = call.function.maker(spread.value)
        if made is None or made.op.do != "call" or made.on.name != NAME or len(made.op.args) != 1:
            return None
        name = made.op.name or made.on.label.rpartition(".")[2]
        spread = made.op.args[0]
        if name not in _LOGIC or not spread.star:
            return None
    name = spread.value if isinstance(spread.value, str) else ""
    return spread if name.isidentifier() and _may_be_empty(call, name) else None


def _is_filtered_again(call: Call) -> bool:
    return any(
        other.op is not call.op and other.name in _FILTERS and other.on.name == call.on.name
        for other in call.function.calls()
    )


def _may_be_empty(call: Call, name: Place) -> bool:
    function = call.function
    if not function.is_own(name):
        return False
    blocks = function.typed.function.blocks
    start = [
        (number, i)
        for number, block in enumerate(blocks)
        for i, op in enumerate(block.ops)
        if op.dst == name
    ]
    if len(start) != 1 or not _is_empty(function, function.op(start[0])):
        return False
    others = [op for block in blocks for op in block.ops if _reads(op, name)]
    if not all(_grows(op, name) or _spreads(op, name) for op in others):
        return False  # somebody looks at it, or has it
    waiting, seen = [(start[0][0], start[0][1] + 1)], set[int]()
    while waiting:
        number, first = waiting.pop()
        for op in blocks[number].ops[first:]:
            if op is call.op:
                return True
            if _grows(op, name):
                break
        else:
            later = [edge.to for edge in blocks[number].edges if edge.to not in seen]
            seen.update(later)
            waiting += [(to, 0) for to in later]
    return False


def _is_empty(function: Function, op: Op) -> bool:
    made = function.maker(op.on) if op.do == "move" else None
    pack = made.op if made is not None else op
    return pack.do == "pack" and pack.name == "list" and not pack.args


def _reads(op: Op, name: Place) -> bool:
    return op.on == name or any(arg.value == name for arg in op.args)


def _grows(op: Op, name: Place) -> bool:
    return op.on == name and op.do == "call" and op.name in _GROWING


def _spreads(op: Op, name: Place) -> bool:
    return op.do == "call" and any(arg.star and arg.value == name for arg in op.args)
