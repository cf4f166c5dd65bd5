"""Handlers around a savepoint that roll back the whole transaction."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.catalog.protocols import (
    BESIDE_SAVEPOINT,
    LOST_AROUND_SAVEPOINT,
    LOST_TO_CALL_BEFORE,
)
from sqla_lint.flow.root import SELF, Position, Root
from sqla_lint.flow.uses import Use
from sqla_lint.ir import Op
from sqla_lint.views.function import Function
from sqla_lint.views.handlers import Handled, handled
from sqla_lint.views.helpers import loses

_SESSIONS = (kinds.SESSION, kinds.SCOPED_SESSION)
_WORK = frozenset({"add", "write", "flush", "execute", "commit", "delete", "load", "escape"})


class AroundSavepoint(NamedTuple):
    """A savepoint, and the rollback of the handler around it, which loses what was added before:
    here, or when the function was called before. ``call`` is that call, with its file. ``by_hand``
    when no ``with`` ends the savepoint: the rollback was meant to."""

    root: Root
    savepoint: Op
    rollback: Op
    by_hand: bool
    added: Op | None
    call: tuple[Op, str] | None = None


def around_savepoints(function: Function) -> Iterator[AroundSavepoint]:
    """What the `try` does with the session it does in a savepoint, and the handler goes on after it
    has rolled back the session, not the savepoint alone."""
    for root in function.followed(*_SESSIONS):
        uses = function.uses(root)
        if not any("nest" in use.happening.events for use in uses):
            continue
        where = {id(op): (number, i) for number, i, op in function.positions}
        for clause in handled(function):
            rollback = _full_rollback(uses, clause)
            if rollback is None or not clause.falls:
                continue
            savepoint, by_hand = _only_savepoint(function, uses, clause, where), False
            if savepoint is None and _ends_it_all(function, root):
                savepoint, by_hand = _by_hand(function, root, clause, where), True
            if savepoint is None:
                continue
            found = _lost_here(function, root, where[id(savepoint)])
            if found is not None:
                yield AroundSavepoint(root, savepoint, rollback, by_hand, found)
            elif not any("commit" in use.happening.events for use in uses):
                call = _lost_by_caller(function, root)
                if call is not None:
                    yield AroundSavepoint(root, savepoint, rollback, by_hand, None, call)


def _full_rollback(uses: tuple[Use, ...], clause: Handled) -> Op | None:
    inside = {id(op) for _, op in clause.ops}
    return next(
        (
            use.op
            for use in uses
            if use.op.do == "call"
            and use.op.name == "rollback"
            and use.role == SELF
            and id(use.op) in inside
        ),
        None,
    )


def _only_savepoint(
    function: Function, uses: tuple[Use, ...], clause: Handled, where: dict[int, Position]
) -> Op | None:
    """The savepoint that a ``with`` of the `try` enters, when nothing of the session's work stands
    beside it there: for that, too, the handler may have been written."""
    found = None
    for use in uses:
        if where[id(use.op)][0] not in clause.guarded:
            continue
        nested = use.op.do == "call" and use.op.name == "begin_nested"
        if nested and use.op.dst is not None and function.is_entered(use.op.dst):
            found = use.op
        elif not nested and _WORK & set(use.happening.events):
            return None
    return found


def _ends_it_all(function: Function, root: Root) -> bool:
    """`rollback()` of the session ends more than its innermost savepoint: not before 2.0."""
    return function.target >= (2, 0) or root.kind.is_async or "future" in root.kind.traits


def _by_hand(
    function: Function, root: Root, clause: Handled, where: dict[int, Position]
) -> Op | None:
    """The savepoint without a ``with`` in which all of the `try` is done; it does not end the
    transaction itself, nor does the handler end the savepoint."""
    uses, inside = function.uses(root), {id(op) for _, op in clause.ops}
    nested, watched = None, dict[Position, str]()
    for use in uses:
        at, events = where[id(use.op)], set(use.happening.events)
        if use.op.do == "call" and use.op.name == "begin_nested":
            if nested is not None or use.op.dst is None or function.is_entered(use.op.dst):
                return None
            nested = use.op
        elif at[0] in clause.guarded and _WORK & events:
            if {"commit", "escape"} & events:
                return None
            watched[at] = "work"
        elif id(use.op) in inside and "undo" in events:
            return None
    if not watched or function.solve(BESIDE_SAVEPOINT, (root,), watched=watched).ends:
        return None
    return nested


def _lost_here(function: Function, root: Root, savepoint: Position) -> Op | None:
    """What was added and not committed when the savepoint begins."""
    watched = {savepoint: "helper"}
    for end in function.solve(LOST_AROUND_SAVEPOINT, (root,), watched=watched).ends:
        if end.way == "fault":
            return function.op(end.mark)
    return None


def _lost_by_caller(function: Function, root: Root) -> tuple[Op, str] | None:
    """The call in a function that has added something before, or that calls this one again."""
    if root.kind.owner not in ("caller", "attribute") or not root.place:
        return None
    project = function.project
    for label, typed in sorted(project.typed.items()):
        if label == function.label or project.knowledge.told.is_test(typed.module.path):
            continue
        caller = function.of(typed)
        found = loses(function, root, caller, LOST_TO_CALL_BEFORE)
        if found is not None and not _commits_in_turn(caller, found[1]):
            return found[1], typed.module.path
    return _called_in_loop(function) if root.place.startswith("self.") else None


def _commits_in_turn(caller: Function, call: Op) -> bool:
    """A commit stands in the loop of the call: it may follow each that has gone well."""
    blocks = caller.typed.function.blocks
    here = next(blocks[number].loops for number, _, op in caller.positions if op is call)
    return any(
        op.do == "call" and op.name == "commit" and set(blocks[number].loops) & set(here)
        for number, _, op in caller.positions
    )


def _called_in_loop(function: Function) -> tuple[Op, str] | None:
    """A call in a loop of another method of the object, which itself does nothing of a database:
    nobody looks at what such functions do with sessions."""
    knowledge, own = function.project.knowledge, function.typed.function
    name = own.qualname.rpartition(".")[2]
    module = function.typed.module
    for other in module.functions.values():
        label = f"{module.name}:{other.qualname}"
        if other.parent != own.parent or label in function.project.typed:
            continue
        for block in other.blocks if label in knowledge.functions and other.params else ():
            for op in block.ops:
                called = op.do == "call" and op.name == name and op.on == other.params[0].name
                if called and block.loops:
                    return op, module.path
    return None
