"""When work that runs beside a function is over, as far as the function waits for it."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.ir import Op, Operand, Place
from sqla_lint.project.kind import FOREIGN
from sqla_lint.views.beside import Position, Work
from sqla_lint.views.function import Function

NEVER = (1 << 30, 0)  # after every position
_JOINS = frozenset({"join", "result", "get", "wait"})
_OF_LIBRARIES = frozenset({kinds.UNKNOWN, FOREIGN})
_OUTLIVING = frozenset({"background", "queue"})


def end(function: Function, work: Work) -> Position:
    """Where a task is awaited for the first time; `NEVER` when nobody waits here."""
    typed = function.typed
    group = work.op.on if work.op.name else None
    for number, block in enumerate(typed.function.blocks):
        for i, op in enumerate(block.ops):
            if (number, i) <= work.position:
                continue
            if op.do == "leave" and isinstance(group, str) and _entered(function, op.on, group):
                return number, i
            if op.do == "await" and op.on is not None and _waits_for(function, op.on, work.op):
                return number, i
    return NEVER


def _entered(function: Function, manager: Operand | None, name: Place) -> bool:
    return any(
        op.do == "enter" and op.on == manager and op.dst == name
        for block in function.typed.function.blocks
        for op in block.ops
    )


def _waits_for(function: Function, value: Operand, start: Op) -> bool:
    """An awaited value is a task, or a gathering of it with others."""
    seen: set[Operand] = set()
    waiting = [value]
    while waiting:
        wanted = waiting.pop()
        if wanted == start.dst:
            return True
        if wanted in seen or not isinstance(wanted, str):
            continue
        seen.add(wanted)
        for block in function.typed.function.blocks:
            for op in block.ops:
                if op.dst == wanted and op.do in ("move", "pack", "call", "next", "binop"):
                    waiting += [op.on] if op.on is not None and op.name is None else []
                    waiting += [arg.value for arg in op.args]
                if op.on == wanted and op.do == "call" and op.name in ("append", "add"):
                    waiting += [arg.value for arg in op.args]
    return False


def outlives(function: Function, work: Work) -> bool:
    """Nobody here waits for the end of the work."""
    if work.where in _OUTLIVING:
        return True
    if work.where == "awaited thread" or work.many:  # map() gives the results
        return False
    if work.where == "task":
        return end(function, work) == NEVER and not _is_handed_on(function, work)
    typed = function.typed
    blocks = typed.function.blocks
    for number, block in enumerate(blocks):
        for i, op in enumerate(block.ops):
            joins = op.do == "call" and op.name in _JOINS
            on = typed.on[number][i].name
            if joins and (on in _OF_LIBRARIES or (op.name == "join" and on == kinds.INSTANCE)):
                return False
    executor = work.op.on if work.op.name else None
    return not any(op.do == "enter" and op.dst == executor for b in blocks for op in b.ops)


def _is_handed_on(function: Function, work: Work) -> bool:
    """The task is returned or stored: somebody else may wait for it while the session is open."""
    known: set[Operand | None] = {work.op.dst}
    for block in function.typed.function.blocks:
        for op in block.ops:
            if op.on in known and op.do == "move":
                known.add(op.dst)
            if op.on in known and op.do in ("return", "yield"):
                return True
    return False


def sent_off(work: Work) -> bool:
    """It is given to somebody who runs it later: after the response, in another process."""
    return work.where in _OUTLIVING
