"""Failures that a function keeps to itself, and what a handler asks of the exception it caught."""

from __future__ import annotations

from sqla_lint.flow.exceptions import DATABASE, Match, match
from sqla_lint.ir import EXIT, RAISED, Ann, Function, Handler, Op, Operand, Place

# Context managers that keep the exceptions which they are made with.
SUPPRESSORS = frozenset({"contextlib.suppress()"})


def lets_out(function: Function, number: int) -> bool:
    """What a block's operation raises, when the database refuses it, may leave the function: no
    handler takes it for sure, or one that may take it raises again."""
    blocks = function.blocks
    seen: set[int] = set()
    raised, caught = [blocks[number].exc], list[int]()
    while raised or caught:
        is_raised = bool(raised)
        here = raised.pop() if raised else caught.pop()
        if here == RAISED:
            return True
        if here in seen or here == EXIT:
            continue
        seen.add(here)
        block = blocks[here]
        if is_raised and block.handlers:
            for handler in block.handlers:
                taken = match(DATABASE, handler)
                if taken is not Match.NO:
                    caught.append(handler.to)
                if taken is Match.YES:
                    break
            else:
                raised += [edge.to for edge in block.edges]
            continue
        caught += [edge.to for edge in block.edges if edge.when != "swallow"]
        if any(op.do == "raise" for op in block.ops):
            raised.append(block.exc)
    return False


def looked_at(function: Function) -> dict[Place, Handler]:
    """Results of `isinstance(error, SomeError)` about what a handler caught, each with a clause
    that would take the same."""
    caught = {op.dst for block in function.blocks for op in block.ops if op.do == "catch"}
    packed = {
        op.dst: op
        for block in function.blocks
        for op in block.ops
        if op.do == "pack" and op.name == "tuple" and op.dst is not None
    }
    found: dict[Place, Handler] = {}
    for block in function.blocks if caught - {None} else ():
        for op in block.ops:
            if op.do != "call" or op.on != "isinstance" or op.name is not None:
                continue
            if len(op.args) != 2 or op.args[0].value not in caught or op.dst is None:
                continue
            types = _types(op.args[1].value, packed)
            if types:
                found[op.dst] = Handler(types, -1, op.at)
    return found


def suppressed(function: Function, leave: Op) -> tuple[Ann, ...]:
    """The types that the manager which a ``with`` leaves was made with, as `suppress(...)` is; none
    where that cannot be told."""
    made = [op for block in function.blocks for op in block.ops if op.dst == leave.on]
    if len(made) != 1 or made[0].do != "call":
        return ()
    values = [arg.value for arg in made[0].args]
    if not all(isinstance(one, str) and one[0] not in "%*" for one in values):
        return ()
    return tuple(Ann("name", str(one)) for one in values)


def _types(value: Operand, packed: dict[Place, Op]) -> tuple[Ann, ...]:
    """The names a second argument of `isinstance` is made of; none when it is something else."""
    made = packed.get(value) if isinstance(value, str) else None
    values = [value] if made is None else [arg.value for arg in made.args]
    if not all(isinstance(one, str) and one[0] != "%" for one in values):
        return ()
    return tuple(Ann("name", str(one)) for one in values)
