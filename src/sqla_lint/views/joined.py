"""Sessions on a connection that is there already: what they collect, and never send."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.catalog.protocols import UNSENT
from sqla_lint.flow.attributes import mapped
from sqla_lint.flow.root import NOWHERE, SELF, Position, Root
from sqla_lint.ir import Op
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.kind import FUNCTIONS, Kind
from sqla_lint.views.function import Function, Operation
from sqla_lint.views.units import follows

# Functions that are handed the session hand it on so far.
DEPTH = 3
# What a context manager that lends a session may do with it beside making it.
_CLOSING = frozenset({"close", "rollback", "__exit__"})


class Unsent(NamedTuple):
    """A session, and the operation that last adds to it or, ``changes``, changes an entity."""

    root: Root
    op: Op
    changes: bool


def never_sent(function: Function) -> Iterator[Unsent]:
    """Sessions that this function makes, or is lent, on somebody's connection, and that are closed
    or left with what they have collected: no flush, no commit, no statement before which they
    would flush by themselves."""
    if kinds.SESSION not in function.typed.present:
        return
    for root in (*_made(function), *_lent(function)):
        mark = _left_pending(function, root, DEPTH)
        if mark is not None:
            op = function.op(mark)
            yield Unsent(root, op, op.do in ("setattr", "setitem", "augassign") or _hands(op))


def _hands(op: Op) -> bool:
    return op.do == "call" and op.name not in ("add", "add_all", "delete", "merge")


def _made(function: Function) -> Iterator[Root]:
    for number, i, op in function.positions:
        kind = function.typed.dst[number][i]
        if op.do != "call" or kind.name != kinds.SESSION or kind.owner != "joined":
            continue
        on = function.typed.on[number][i]
        if on.name in (kinds.SESSION, kinds.SCOPED_SESSION) or "autocommit" in kind.traits:
            continue
        bound = any(arg.name == kinds.CONNECTION for arg in function.typed.args[number][i])
        by_factory = on.name == kinds.SESSION_FACTORY and "joined" in on.traits
        if bound or by_factory or _gives_new(function, on):
            yield Root(kind, (number, i))


def _gives_new(function: Function, on: Kind) -> bool:
    """A function of the project that makes such a session and hands it to its caller alone."""
    typed = function.project.typed.get(on.label) if on.name == kinds.FUNCTION else None
    if typed is None or typed is function.typed or typed.function.is_generator:
        return False
    maker = function.of(typed)
    made = sum(
        op.do == "call" and maker.typed.dst[number][i].owner == "joined"
        for number, i, op in maker.positions
    )
    return made == 1 and len(list(_made(maker))) == 1 and not any(map(_works, maker.operations()))


def _lent(function: Function) -> Iterator[Root]:
    """Those of a ``with`` over a context manager that makes, lends and closes them, and no more."""
    for number, i, op in function.positions:
        kind = function.typed.dst[number][i]
        if op.do != "enter" or kind.name != kinds.SESSION or kind.owner != "joined":
            continue
        manager = function.typed.on[number][i]
        typed = function.project.typed.get(manager.label)
        if manager.name != kinds.CONTEXT_MANAGER or typed is None or not isinstance(op.on, str):
            continue
        lender = function.of(typed)
        if len(list(_made(lender))) == 1 and not any(map(_works, lender.operations())):
            yield Root(kind, (number, i), also=((op.on, SELF),))


def _works(operation: Operation) -> bool:
    """The session is not just closed or rolled back, or somebody else gets it."""
    op = operation.op
    if op.do == "call" and operation.on.name == kinds.SESSION:
        return op.name not in _CLOSING
    given = any(kind.name == kinds.SESSION for kind in operation.arg_kinds)
    return given and op.do in ("call", "setattr", "setitem", "pack", "closure")


def _left_pending(function: Function, root: Root, depth: int) -> Position | None:
    """Where the last of what the session has collected when it is left comes from."""
    watched = dict(_handed(function, root, depth))
    ends = function.solve(UNSENT, (root,), watched=watched).ends
    marks = [end.mark for end in ends if end.way != "raise"]
    if not marks or any(_sent_after(function, root, mark) for mark in marks):
        return None
    return max(marks, key=lambda mark: function.op(mark).at)


def _sent_after(function: Function, root: Root, mark: Position) -> bool:
    """Some way leads on to a flush or commit, or to a relationship that may be loaded then, for
    which the session flushes."""
    where = {id(op): (number, i) for number, i, op in function.positions}
    for use in function.uses(root):
        sends = {"flush", "commit"} & set(use.happening.events)
        if sends and where[id(use.op)] != mark and follows(function, mark, where[id(use.op)]):
            return True
    for operation in function.operations():
        op, on = operation.op, operation.on
        if op.do != "getattr" or on.name != kinds.ENTITY or not op.name:
            continue
        found = mapped(function.project, on.label, op.name)
        if (
            found is not None
            and found.role == "relationship"
            and follows(function, mark, where[id(op)])
        ):
            return True
    return False


def _handed(function: Function, root: Root, depth: int) -> Iterator[tuple[Position, str]]:
    """Calls of functions of the project that leave something in the session they are handed."""
    if not depth:
        return
    where = {id(op): (number, i) for number, i, op in function.positions}
    knowledge = function.project.knowledge
    for use in function.uses(root):
        op = use.op
        if op.do != "call" or SELF not in use.given or "add" not in use.happening.events:
            continue
        if {"escape", "commit"} & set(use.happening.events):
            continue
        number, i = where[id(op)]
        callee = called(knowledge, op, function.typed.on[number][i])
        typed = function.project.typed.get(callee.label)
        if callee.name not in FUNCTIONS or typed is None:
            continue
        places = {
            name
            for (arg, name), kind in zip(
                parameters(knowledge, op, callee), function.typed.args[number][i], strict=False
            )
            if kind.name == kinds.SESSION and name is not None
        }
        inner = function.of(typed)
        if len(places) == 1:
            given = Root(root.kind, NOWHERE, places.pop())
            if _left_pending(inner, given, depth - 1) is not None:
                yield (number, i), "add"
