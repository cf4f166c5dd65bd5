"""Rows that are written in a transaction of their own, and depend on a row of the one before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.flow.root import SELF, Position, Root
from sqla_lint.flow.uses import Use
from sqla_lint.ir import Op, Operand, Place
from sqla_lint.views.behind import BEHIND_LIMIT, Definitions, definitions
from sqla_lint.views.function import Function
from sqla_lint.views.slow import sending_calls, slow_calls
from sqla_lint.views.transactions import is_in_begin
from sqla_lint.views.units import follows

_HANDLES = (kinds.SESSION, kinds.SCOPED_SESSION, kinds.CONNECTION)
_MADE = frozenset({kinds.MAPPED_CLASS, kinds.INSERT})
_RUNS = frozenset({"execute", "exec", "scalar", "scalars"})


class Split(NamedTuple):
    """What is written, committed by itself, and what is written afterwards and depends on it."""

    root: Root
    first: Op
    commit: Op
    second: Op
    name: str  # of the row that the second depends on


def split_units(function: Function) -> Iterator[Split]:
    """New rows that belong to a row which was committed without them."""
    if function.is_module or function.entry in ("test", "fixture") or function.is_test_code:
        return
    for root in function.followed(*_HANDLES):
        if "autocommit" in root.kind.traits or function.is_legacy(root.kind):
            continue
        commits = [u.op for u in function.uses(root) if _is_commit(u)]
        if len(commits) > 1 and not is_in_begin(function, root):
            yield from _of(function, root, commits)


def _is_commit(use: Use) -> bool:
    return use.op.do == "call" and use.op.name == "commit" and use.role == SELF


def _of(function: Function, root: Root, commits: list[Op]) -> Iterator[Split]:
    where = {id(op): (number, i) for number, i, op in function.positions}
    blocks = function.typed.function.blocks
    defined = definitions(function)
    rows = [
        (op, place)
        for use in function.uses(root)
        if (op := use.op).do == "call" and (place := _written(defined, use)) is not None
    ]
    busy = (*slow_calls(function), *sending_calls(function))
    for commit in commits:
        here = where[id(commit)]
        later = [c for c in commits if c is not commit and follows(function, here, where[id(c)])]
        if blocks[here[0]].loops or not later:
            continue
        for second, made in rows:
            there = where[id(second)]
            ended = any(follows(function, there, where[id(c)]) for c in later)
            alike = blocks[there[0]].exc == blocks[here[0]].exc  # its failure is nobody's else
            if not ended or not alike or not follows(function, here, there):
                continue
            sources = _sources(defined, made)
            first = next(
                (
                    (op, row)
                    for op, row in rows
                    if row != made and row in sources and follows(function, where[id(op)], here)
                ),
                None,
            )
            if first is None or _waits(function, here, there, busy):
                continue
            if not any(follows(function, where[id(first[0])], where[id(c)]) for c in later):
                continue
            yield Split(root, first[0], commit, second, first[1])
            return


def _written(defined: Definitions, use: Use) -> Place | None:
    """A new row: the variable of an entity that is added, the result of an INSERT."""
    op = use.op
    if op.name == "add" and op.args and isinstance(op.args[0].value, str):
        place = op.args[0].value
        made = _last(defined, place)
        return place if made is not None and made in _MADE else None
    if op.name in _RUNS and use.args and use.args[0].name == kinds.INSERT:
        return op.dst
    return None


def _last(defined: Definitions, place: Place) -> str | None:
    """What a variable that is bound once is made by calling."""
    bound = [one for one in defined.get(place, []) if one.op.do != "getattr"]
    if len(bound) != 1:
        return None
    if bound[0].op.do == "move" and isinstance(bound[0].op.on, str):
        return _last(defined, bound[0].op.on)
    return bound[0].on.name if bound[0].op.do == "call" and not bound[0].op.name else None


def _sources(defined: Definitions, start: Place) -> set[Operand]:
    """The places that a value is made from."""
    found: set[Operand] = {start}
    waiting: list[Operand] = [start]
    while waiting and len(found) < BEHIND_LIMIT:
        place = waiting.pop()
        for one in defined.get(place, []) if isinstance(place, str) else ():
            for operand in (one.op.on, *(arg.value for arg in one.op.args)):
                if isinstance(operand, str) and operand not in found:
                    found.add(operand)
                    waiting.append(operand)
    return found


def _waits(function: Function, start: Position, end: Position, busy: tuple[Position, ...]) -> bool:
    """Something slow, or a message, between them wants the commit before it."""
    return any(follows(function, start, one) and follows(function, one, end) for one in busy)
