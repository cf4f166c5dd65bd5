"""Failures that a function turns into an exception of the program's own, after which its callers go
on with the same object."""

from __future__ import annotations

from typing import NamedTuple

from sqla_lint.flow.solve import End
from sqla_lint.ir import EXIT, RAISED, Block, Ref
from sqla_lint.ir import Function as Body
from sqla_lint.views.calling import calls
from sqla_lint.views.function import Function

# A helper of a method of a repository; callers further away are not asked.
DEPTH = 4
_ENDING = frozenset({"rollback", "close", "remove", "invalidate", "expunge_all"})
_ALL = frozenset({"Exception", "BaseException"})


class GoesOn(NamedTuple):
    """The ``except`` after which a loop calls the function again, and its file."""

    at: Ref
    path: str


def called_again(function: Function, end: End) -> GoesOn | None:
    """The function has caught a failure and raised something else, and a caller catches that in a
    loop which calls it again, on the same object, without a rollback."""
    name = _raised(function, end)
    if not name or not end.root.place.startswith("self."):
        return None
    seen, waiting = {function.label}, [(function.label, 0)]
    while waiting:
        label, depth = waiting.pop()
        for caller, (number, i) in calls(function).get(label, ()):
            typed = function.project.typed[caller]
            if function.project.knowledge.told.is_test(typed.module.path):
                continue
            body = typed.function
            clause = _caught(body, number, name)
            if clause is not None:
                if _again(body, number, i, clause):
                    path = typed.module.path if typed.module is not function.typed.module else ""
                    return GoesOn(body.blocks[clause[0]].handlers[clause[1]].at, path)
            elif depth < DEPTH and caller not in seen:
                seen.add(caller)
                waiting.append((caller, depth + 1))
    return None


def _raised(function: Function, end: End) -> str:
    """The class of what the function raises in place of what it has caught."""
    trail = end.trail
    if trail is None or trail.what != "raises" or trail.op.do != "raise":
        return ""
    before = trail.before
    while before is not None and before.what not in ("catch", "raises"):
        before = before.before
    if before is None or before.what != "catch" or not isinstance(trail.op.on, str):
        return ""
    made = function.maker(trail.op.on)
    place = made.op.on if made is not None and made.op.do == "call" else trail.op.on
    if made is not None and made.op.do == "call" and made.op.name is not None:
        place = made.op.name
    name = str(place).rpartition(".")[2]
    return name if name[:1].isupper() else ""


def _caught(body: Body, number: int, name: str) -> tuple[int, int] | None:
    """The dispatch block and the clause that takes an exception of a block."""
    blocks, here = body.blocks, body.blocks[number].exc
    for _ in blocks:
        if here in (EXIT, RAISED):
            return None
        block = blocks[here]
        for n, handler in enumerate(block.handlers):
            names = {ann.name.rpartition(".")[2] for ann in handler.types}
            if not names or name in names or names & _ALL:
                return here, n
        if any(op.name in _ENDING for op in block.ops) or not block.edges:
            return None
        here = block.edges[-1].to if block.handlers or _only_leaves(block) else block.exc
    return None


def _only_leaves(block: Block) -> bool:
    return all(op.do == "leave" for op in block.ops)


def _again(body: Body, number: int, i: int, clause: tuple[int, int]) -> bool:
    """The loop around a call goes on after the clause; what it calls on is made before the loop,
    and nothing in the function ends it."""
    blocks = body.blocks
    loops = blocks[number].loops
    on = blocks[number].ops[i].on
    if not loops or not isinstance(on, str):
        return False
    loop = loops[-1]
    root = on.partition(".")[0]
    if any(op.name in _ENDING for block in blocks for op in block.ops if op.do == "call"):
        return False
    if root[0] == "%" or any(
        op.dst == root for block in blocks if loop in block.loops for op in block.ops
    ):
        return False
    seen: set[int] = set()
    waiting = [blocks[clause[0]].handlers[clause[1]].to]
    while waiting:
        here = waiting.pop()
        if here == number:
            return True
        if here in seen or here in (EXIT, RAISED) or loop not in blocks[here].loops:
            continue
        seen.add(here)
        waiting += [edge.to for edge in blocks[here].edges if edge.when != "swallow"]
    return False
