"""Lists of criteria that may be empty where a write spreads them: then it has no criterion."""

from __future__ import annotations

from sqla_lint.ir import Block, Op, Place
from sqla_lint.project.kind import NAME
from sqla_lint.views.function import Call, Function
from sqla_lint.views.sql import reader

_LOGIC = frozenset({"and_", "or_"})
_GROWING = frozenset({"append", "extend", "insert"})
_COMPREHENSIONS = frozenset({"listcomp", "gen"})
_FILTERS = frozenset({"where", "filter", "filter_by"})


def empty_criteria_of(call: Call) -> str:
    """The collection that the only criteria of a write are made of, though a way leads there on
    which nothing was put into it; "" when there is none, or somebody looks whether it is empty."""
    if len(call.op.args) != 1 or _is_filtered_again(call):
        return ""
    spread = call.op.args[0]
    if not spread.star:
        made = call.function.maker(spread.value)
        if made is None or made.op.do != "call" or made.on.name != NAME or len(made.op.args) != 1:
            return ""
        name = made.op.name or made.on.label.rpartition(".")[2]
        spread = made.op.args[0]
        if name not in _LOGIC or not spread.star:
            return ""
    name = spread.value if isinstance(spread.value, str) else ""
    if name.isidentifier() and _may_be_empty(call, name):
        return name
    return _of_parameter(call, name)


def _of_parameter(call: Call, name: Place) -> str:
    """The parameter of which a comprehension makes one criterion each, and which nobody looks at:
    neither this function nor, as far as can be seen, whoever calls it."""
    function, listed = call.function, name if name.isidentifier() else ""
    if listed:
        bound = [made for made in function.operations() if made.op.dst == name]
        others = [op for block in function.typed.function.blocks for op in block.ops]
        if len(bound) != 1 or not function.is_own(name) or bound[0].op.do != "move":
            return ""
        if not all(_spreads(op, name) for op in others if _reads(op, name)):
            return ""
        name = str(bound[0].op.on)
    made = function.maker(name)
    if made is None or made.op.do != "pack" or made.op.name not in _COMPREHENSIONS:
        return ""
    source = _looped(function, made.op)
    if not any(param.name == source for param in function.typed.function.params):
        return ""
    if _is_looked_at(function, source):
        return ""
    if _leaves_out(function, made.op):
        return "" if _is_called_with_elements(call, source) else listed or source
    return "" if _is_called(call, source) else source


def _leaves_out(function: Function, pack: Op) -> bool:
    """The comprehension has a condition, so that nothing may be left of many elements."""
    blocks = function.typed.function.blocks
    there = next(number for number, block in enumerate(blocks) if pack in block.ops)
    headers = {
        number
        for number, block in enumerate(blocks)
        if any(edge.to == there and edge.when == "done" for edge in block.edges)
    }
    return any(
        edge.to in headers and edge.when == "false" for block in blocks for edge in block.edges
    )


def _is_called_with_elements(call: Call, param: str) -> bool:
    """Some caller writes the elements out."""
    known = reader(call.function.project)
    makers = [
        made
        for spot in known.frames.callers(call.function.label, param)
        for made in known.origins.makers(spot)
    ]
    return any(made.frame.op(made.at).do == "pack" for made in makers)


def _looped(function: Function, pack: Op) -> Place:
    """What the only loop of a comprehension goes over; "" when that is no plain name."""
    blocks = function.typed.function.blocks
    there = next(number for number, block in enumerate(blocks) if pack in block.ops)
    before = [
        block
        for block in blocks
        if any(edge.to == there and edge.when == "done" for edge in block.edges)
    ]
    last = before[0].ops[-1] if len(before) == 1 and before[0].ops else None
    return str(last.on) if last is not None and last.do == "next" else ""


def _is_looked_at(function: Function, name: Place) -> bool:
    """Something reads a collection besides the loop over it: it may have asked whether it is
    empty, or may know that it is not."""
    made = function.maker(name) if name[:1] == "%" else None
    if made is not None:
        if made.op.do == "pack":
            return bool(made.op.args)
        name = str(made.op.on)
    return any(
        _reads(op, name) and op.do != "next" and (made is None or op is not made.op)
        for block in function.typed.function.blocks
        for op in block.ops
    )


def _is_called(call: Call, param: str) -> bool:
    frames = reader(call.function.project).frames
    return bool(frames.callers(call.function.label, param))


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
            taken = _ways_on(function, blocks[number])
            later = [to for to in taken if to not in seen]
            seen.update(later)
            waiting += [(to, 0) for to in later]
    return False


def _ways_on(function: Function, block: Block) -> list[int]:
    """Where a block leads; past a loop over what somebody has looked at, only through the loop."""
    last = block.ops[-1] if block.ops else None
    guarded = last is not None and last.do == "next" and _is_looked_at(function, str(last.on))
    return [edge.to for edge in block.edges if not (guarded and edge.when == "done")]


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
