"""Where a commit, or a message, could stand instead: for the fixes that move a statement."""

from __future__ import annotations

from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.flow.root import Position, Root
from sqla_lint.ir import Const, Op, Ref
from sqla_lint.views.function import Function
from sqla_lint.views.handlers import Handled, handled


class Move(NamedTuple):
    """A statement that can go to another place: that of ``of`` behind, or to the end of, ``to``."""

    of: Ref
    to: Ref


def behind_loop(function: Function, commit: Op) -> Move | None:
    """A commit that ends the turns of a `for` loop, which nothing but the loop's end leaves."""
    here = function.position(commit)
    statement = _statement(function, commit)
    if here is None or statement is None:
        return None
    blocks = function.typed.function.blocks
    loop = blocks[here[0]].loops[-1]
    inside = {number for number, block in enumerate(blocks) if loop in block.loops}
    header = next((n for n in inside if blocks[n].ops and blocks[n].ops[-1].do == "next"), None)
    if header is None or blocks[header].loops[-1] != loop:
        return None
    last = _is_last(function, statement, header)
    left = any(
        edge.to not in inside and edge.when != "swallow"
        for number in inside - {header}
        for edge in blocks[number].edges
    )
    guarded = any(blocks[blocks[number].exc].handlers for number in inside)
    waits = any(op.do in ("yield", "return") for number in inside for op in blocks[number].ops)
    if not last or left or guarded or waits:
        return None
    return Move(statement.at, blocks[header].ops[-1].at)


def _is_last(function: Function, statement: Op, header: int) -> bool:
    """Nothing follows it in its turn."""
    where = function.position(statement)
    if where is None:
        return False
    block = function.typed.function.blocks[where[0]]
    plain = [edge.to for edge in block.edges if edge.when != "swallow"]
    return where[1] == len(block.ops) - 1 and plain == [header]


def _statement(function: Function, call: Op) -> Op | None:
    """The call, or its await, when it is a statement of its own."""
    if call.discarded:
        return call
    waits = [op for op in function.readers.get(call.dst or "", ()) if op.do == "await"]
    return waits[0] if len(waits) == 1 and waits[0].discarded else None


def into_try(function: Function, root: Root, commit: Ref) -> Move | None:
    """A commit that follows directly on a `try` whose handler rolls back: its place is the end of
    that `try`, which ``to`` names by the handler."""
    call = next((op for _, _, op in function.positions if op.at == commit), None)
    here = function.position(call) if call is not None else None
    statement = _statement(function, call) if call is not None else None
    if call is None or here is None or statement is None:
        return None
    blocks = function.typed.function.blocks
    before = blocks[here[0]].ops[: here[1]]
    if any(op.do != "getattr" for op in before):
        return None
    sources = {n for n, block in enumerate(blocks) for edge in block.edges if edge.to == here[0]}
    for clause in handled(function):
        own = {number for (number, _), _ in clause.ops}
        follows = bool(sources & clause.guarded) and sources <= clause.guarded | own
        beside = blocks[here[0]].loops == _loops(function, clause)
        if follows and beside and _rolls_back(function, clause, root):
            return Move(statement.at, clause.at)
    return None


def _loops(function: Function, clause: Handled) -> tuple[int, ...]:
    blocks = function.typed.function.blocks
    return min((blocks[number].loops for number in clause.guarded), key=len, default=())


def _rolls_back(function: Function, clause: Handled, root: Root) -> bool:
    inside = {id(op) for _, op in clause.ops}
    return any(
        id(use.op) in inside and "rollback" in use.happening.events for use in function.uses(root)
    )


def behind_commit(function: Function, root: Root, sent: Position, commit: Op) -> Move | None:
    """A message that can wait for a commit further down in the same run of statements."""
    op = function.op(sent)
    here = function.position(commit)
    statement = _statement(function, commit)
    if here is None or statement is None or here[0] != sent[0] or not op.discarded:
        return None
    if root.kind.is_async and "no-expire" not in root.kind.traits:
        return None  # what it reads of an entity would be expired, and cannot be loaded then
    between = function.typed.function.blocks[sent[0]].ops[sent[1] + 1 : here[1]]
    named = _names(function, op)
    if named is None:
        return None
    stays = all(other.dst is None or other.dst.partition(".")[0] not in named for other in between)
    calm = all(
        other.do in ("getattr", "await") or function.typed.on[sent[0]][n].name in _DATABASE
        for n, other in enumerate(between, sent[1] + 1)
    )
    return Move(op.at, statement.at) if stays and calm else None


def _names(function: Function, op: Op) -> set[str] | None:
    """The variables that a call reads; None when it calls something for its arguments."""
    found: set[str] = set()
    waiting = [arg.value for arg in op.args]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Const):
            continue
        made = function.maker(value)
        if made is None:
            found.add(str(value).partition(".")[0])
        elif made.op.do in ("getattr", "getitem", "pack", "format"):
            waiting += [arg.value for arg in made.op.args]
            waiting += [made.op.on] if made.op.on is not None else []
        else:
            return None
    return found


_DATABASE = frozenset({kinds.SESSION, kinds.SCOPED_SESSION, kinds.CONNECTION, kinds.COROUTINE})
