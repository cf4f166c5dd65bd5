"""Commits that are only made when the session says that it has something to flush."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.flow.root import Root
from sqla_lint.ir import MODULE_BODY, Op, Place
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_project
from sqla_lint.ways import behind, only_through

_PENDING = frozenset({"new", "dirty", "deleted"})
_SESSIONS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION})
_STATEMENTS = frozenset({kinds.INSERT, kinds.UPDATE, kinds.DELETE})


class GuardedCommit(NamedTuple):
    """The question, the commit that depends on it, and what may flush before: here, or in whatever
    is run in between."""

    name: Place
    asked: Op
    commit: Op
    flushed: Op


def guarded_commits(function: Function) -> Iterator[GuardedCommit]:
    """Sessions made here that are committed only where `new`, `dirty` or `deleted` has something,
    after what is in none of these any more may have been written."""
    if not any(op.name in _PENDING for _, _, op in function.positions if op.do == "getattr"):
        return
    code = function.typed.function
    for root in function.made(kinds.SESSION):
        name = function.entered_name(root) or function.bound_name(root)
        asked = [
            (number, op)
            for number, _, op in function.positions
            if op.do == "getattr" and op.on == name and op.name in _PENDING
        ]
        commits = [
            (number, op)
            for number, _, op in function.positions
            if op.do == "call" and op.on == name and op.name == "commit"
        ]
        if not name or not asked or len(commits) != 1:
            continue
        places = {op.dst for _, op in asked}
        ways = {
            (number, edge.to)
            for number, block in enumerate(code.blocks)
            for edge in block.edges
            if edge.test is not None and edge.test.place in places and edge.test.holds
        }
        if not only_through(code, commits[0][0], ways):
            continue
        before = [op for at, op in _flushing(function, root) if _leads(function, at, asked[0][0])]
        if before:
            yield GuardedCommit(name, asked[0][1], commits[0][1], before[0])


def _leads(function: Function, start: int, end: int) -> bool:
    return end in behind(function.typed.function.blocks, [start])


def _flushing(function: Function, root: Root) -> Iterator[tuple[int, Op]]:
    """What may write and leave nothing behind: a flush or statement here, or what the function
    runs for others, when somebody in the project does that."""
    own = {
        id(use.op)
        for use in function.uses(root)
        if {"flush", "write"} & set(use.happening.events) and "add" not in use.happening.events
    }
    given = set(_given(function)) if _flushes(function) else set[str]()
    for number, _, op in function.positions:
        runs = op.do == "call" and op.name is None and op.on in given
        if id(op) in own or (op.do == "yield" and _flushes(function)) or runs:
            yield number, op


def _given(function: Function) -> Iterator[str]:
    """Functions that the function is given, itself or as a wrapper."""
    code = function.typed.function
    yield from (param.name for param in code.params)
    yield from (name for name, scope in code.captures.items() if scope != MODULE_BODY)


@per_project
def _flushes(function: Function) -> bool:
    """Some function flushes a session, or writes with a statement through one."""
    for typed in function.project.typed.values():
        if typed.present.isdisjoint(_SESSIONS):
            continue
        if not typed.present.isdisjoint(_STATEMENTS):
            return True
        for number, block in enumerate(typed.function.blocks):
            for i, op in enumerate(block.ops):
                flushes = op.do == "call" and op.name == "flush"
                if flushes and typed.on[number][i].name in _SESSIONS:
                    return True
    return False
