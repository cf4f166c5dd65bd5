"""The except clauses of a function, and what they tell."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.flow.root import Position, Root
from sqla_lint.flow.solve import End
from sqla_lint.ir import ENTRY, EXIT, RAISED, Ann, Block, Const, Op, Ref
from sqla_lint.views.function import Function
from sqla_lint.views.transactions import caught_at
from sqla_lint.ways import behind

_EVERYTHING = frozenset(
    {"Exception", "BaseException", "SQLAlchemyError", "DBAPIError", "DatabaseError"}
)
_NO_ANSWER = _EVERYTHING | {"OperationalError"}
_ROLLED_BACK = frozenset(
    {kinds.SESSION, kinds.SCOPED_SESSION, kinds.CONNECTION, kinds.TRANSACTION, kinds.SAVEPOINT}
)
_QUIET = frozenset({"catch", "call", "await", "delete", "return", "getattr"})


class Handled(NamedTuple):
    """An except clause: what it catches, and the operations only it runs."""

    at: Ref
    types: tuple[Ann, ...]
    ops: tuple[tuple[Position, Op], ...]
    guarded: frozenset[int]  # the blocks of its `try`
    falls: bool  # it may end without an exception


def handled(function: Function) -> Iterator[Handled]:
    """The except clauses of a function."""
    blocks = function.typed.function.blocks
    plain = _reach(blocks, ENTRY, frozenset())
    for number, block in enumerate(blocks):
        for handler in block.handlers:
            inside = _reach(blocks, handler.to, plain)
            yield Handled(
                handler.at,
                handler.types,
                tuple(((b, i), op) for b in sorted(inside) for i, op in enumerate(blocks[b].ops)),
                frozenset(n for n, other in enumerate(blocks) if other.exc == number),
                any(e.to not in inside and e.to != RAISED for b in inside for e in blocks[b].edges),
            )


def _reach(blocks: Sequence[Block], start: int, stop: Collection[int]) -> set[int]:
    """The blocks that plain ways lead to."""
    return behind(blocks, [start], stop=stop).difference(stop, (EXIT, RAISED))


def is_silent_rollback(function: Function, clause: Handled) -> bool:
    """It takes every failure, rolls back, and neither it nor the `try` leaves a sign."""
    names = {ann.name.rpartition(".")[2] for ann in clause.types}
    if not clause.falls or (clause.types and not names <= _EVERYTHING):
        return False
    rolled = False
    for (number, i), op in clause.ops:
        if op.do not in _QUIET or (op.do == "return" and op.on not in (None, Const(None))):
            return False
        if op.do == "call":
            if function.typed.on[number][i].name not in _ROLLED_BACK:
                return False
            if op.name not in ("rollback", "close", "remove"):
                return False
            rolled = rolled or op.name == "rollback"
    return rolled and not _leaves_a_sign(function, clause)


def _leaves_a_sign(function: Function, clause: Handled) -> bool:
    """Where the `try` succeeds, it returns or sets something that tells."""
    blocks = function.typed.function.blocks
    gives = any(
        op.do == "return" and op.on not in (None, Const(None)) for b in blocks for op in b.ops
    )
    if gives and any(op.do == "return" for _, op in clause.ops):
        return True
    return any(
        (op.do == "return" and op.on is not None)
        or op.do == "augassign"
        or (op.do == "move" and isinstance(op.on, Const))
        for number in clause.guarded
        for op in blocks[number].ops
    )


def rolls_back_in_handler(function: Function, root: Root) -> bool:
    """Some except clause rolls an object back."""
    inside = {id(op) for clause in handled(function) for _, op in clause.ops}
    return any(
        "rollback" in use.happening.events
        and use.op.do in ("call", "await")
        and id(use.op) in inside
        for use in function.uses(root)
    )


def rolls_back_otherwise(function: Function, end: End) -> bool:
    """The handler that led to an end rolls back on another way through it: it looks at what was
    raised first."""
    clause = next((c for c in handled(function) if c.at == caught_at(end)), None)
    inside = {id(op) for _, op in clause.ops} if clause is not None else set()
    return any(
        "rollback" in use.happening.events and id(use.op) in inside
        for use in function.uses(end.root)
    )


def closes_on_failure(function: Function, end: End) -> bool:
    """What raised stands in a `try` that closes the object when the database does not answer."""
    trail = end.trail
    while trail is not None and trail.what != "raises":
        trail = trail.before
    here = function.position(trail.op) if trail is not None else None
    if here is None:
        return False
    closing = {id(use.op) for use in function.uses(end.root) if "close" in use.happening.events}
    return any(
        here[0] in clause.guarded
        and any(id(op) in closing for _, op in clause.ops)
        and any(ann.name.rpartition(".")[2] in _NO_ANSWER for ann in clause.types)
        for clause in handled(function)
    )


def commit_fails_unguarded(function: Function, end: End) -> Ref | None:
    """The commit whose failure led to an end; None when something else failed."""
    trail = end.trail
    while trail is not None and trail.what != "raises":
        trail = trail.before
    if trail is None:
        return None
    op, raised = trail.op, trail.op
    if op.do == "await":
        made = function.maker(op.on)
        op = made.op if made is not None else op
    if op.do != "call" or op.name != "commit" or is_guarded(function, raised):
        return None
    return op.at


def is_of_one_unit(function: Function, end: End) -> bool:
    """What was flushed before the failure stands in the same `try` as what failed: the handler
    ends the whole unit of work, as it is meant to."""
    clause = next((c for c in handled(function) if c.at == caught_at(end)), None)
    trail = end.trail
    while trail is not None and trail.what != "raises":
        trail = trail.before
    failed = trail.op if trail is not None else None
    while trail is not None and trail.op is failed:  # what it would have done
        trail = trail.before
    while trail is not None and trail.what not in ("flush", "write"):
        trail = trail.before
    if trail is None or clause is None or trail.op is failed:
        return False
    blocks = function.typed.function.blocks
    kept = trail.op
    return any(other is kept for number in clause.guarded for other in blocks[number].ops)


def risky_part(function: Function, end: End) -> tuple[Op, Op] | None:
    """What was added to a session since its last flush, and the operation that then failed, when
    both stand in the `try` whose handler led to an end, one after the other."""
    clause = next((c for c in handled(function) if c.at == caught_at(end)), None)
    trail = end.trail
    while trail is not None and trail.what != "raises":
        trail = trail.before
    if trail is None or clause is None:
        return None
    failed = first = trail.op
    while trail is not None and trail.op is failed:  # what it would have done
        trail = trail.before
    if trail is not None and trail.what == "add":
        first = trail.op
    at = [function.position(op) for op in (first, failed)]
    if any(where is None or where[0] not in clause.guarded for where in at):
        return None
    return first, failed


def is_guarded(function: Function, op: Op) -> bool:
    """An except clause, narrow as it may be, stands around an operation."""
    blocks = function.typed.function.blocks
    seen: set[int] = set()
    waiting = [block.exc for block in blocks if any(other is op for other in block.ops)]
    while waiting:
        number = waiting.pop()
        if number in seen or number in (EXIT, RAISED):
            continue
        if blocks[number].handlers:
            return True
        seen.add(number)
        waiting.append(blocks[number].exc)
        waiting += [edge.to for edge in blocks[number].edges if edge.when != "swallow"]
    return False
