"""Helpers that answer a failure of their own with a rollback of their caller's session."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.catalog.protocols import LOST_TO_HELPER, Protocol
from sqla_lint.flow.holders import is_holder, paths
from sqla_lint.flow.root import NOWHERE, Position, Root
from sqla_lint.ir import Op
from sqla_lint.project.callers import called, parameters
from sqla_lint.views.function import Function
from sqla_lint.views.handlers import handled

_SESSIONS = (kinds.SESSION, kinds.SCOPED_SESSION)
_SENT = frozenset({"add", "flush", "write", "commit"})


class LostToHelper(NamedTuple):
    """A rollback of a helper, what its caller had added, and where it calls the helper."""

    rollback: Op
    session: str
    added: Op
    call: Op
    caller: str
    path: str


def lost_to_helper(function: Function) -> Iterator[LostToHelper]:
    """Rollbacks for a row that exists already, of a session that a caller has added to before."""
    for root in function.handles(*_SESSIONS):
        if root.kind.owner not in ("caller", "attribute"):
            continue
        rollback = _recovers(function, root)
        if rollback is None:
            continue
        for label, typed in sorted(function.project.typed.items()):
            if label == function.label or function.project.knowledge.told.is_test(
                typed.module.path
            ):
                continue
            caller = function.of(typed)
            found = loses(function, root, caller, LOST_TO_HELPER)
            if found is not None:
                where = label.partition(":")[2]
                yield LostToHelper(rollback, root.place, *found, where, typed.module.path)
                break


def _recovers(function: Function, root: Root) -> Op | None:
    """The rollback of an ``except IntegrityError`` that goes on as if nothing had happened."""
    uses = {id(use.op): use.happening.events for use in function.uses(root)}
    if any("nest" in events for events in uses.values()):
        return None
    blocks = function.typed.function.blocks
    for clause in handled(function):
        names = {ann.name.rpartition(".")[2] for one in clause.types for ann in (one, *one.args)}
        if "IntegrityError" not in names or not clause.falls:
            continue
        tried = [op for number in clause.guarded for op in blocks[number].ops]
        if not any(_SENT & set(uses.get(id(op), ())) for op in tried):
            continue
        for _, op in clause.ops:
            if op.do == "call" and op.name == "rollback" and op.on == root.place:
                return op
    return None


def loses(
    helper: Function, root: Root, caller: Function, protocol: Protocol
) -> tuple[Op, Op] | None:
    """What a caller has added to the session before it calls the helper, and that call."""
    name = helper.qualname.rpartition(".")[2]
    calls = [
        (number, i, op)
        for number, i, op in caller.call_positions
        if name in (op.name, op.on) and _calls(helper, caller, number, i, op)
    ]
    for own in _sessions(root, caller) if calls else ():
        names, holding = _names(caller, own), _held(root, caller, own)
        watched: dict[Position, str] = {
            (number, i): "helper"
            for number, i, op in calls
            if id(op) in holding or _passes(helper, root, op, caller, (number, i), names)
        }
        if not watched:
            continue
        for end in caller.solve(protocol, (own,), watched=watched).ends:
            if end.way == "fault" and end.trail is not None:
                return caller.op(end.mark), end.trail.op
    return None


def _sessions(root: Root, caller: Function) -> tuple[Root, ...]:
    """Those that a caller has; that of its object also where it leaves it to its methods."""
    found = caller.followed(*_SESSIONS)
    known = any(own.place == root.place for own in found)
    if known or not root.place.startswith("self."):
        return found
    return (*found, Root(root.kind, NOWHERE, root.place))


def _calls(helper: Function, caller: Function, number: int, i: int, op: Op) -> bool:
    on = caller.typed.on[number][i]
    return called(caller.project.knowledge, op, on).label == helper.label


def _passes(
    helper: Function, root: Root, op: Op, caller: Function, at: Position, names: set[str]
) -> bool:
    """The session of the call is the one that the helper rolls back."""
    if root.place.startswith("self."):
        return op.on == "self" and root.place in names
    knowledge = caller.project.knowledge
    callee = called(knowledge, op, caller.typed.on[at[0]][at[1]])
    return any(
        parameter == root.place and arg.value in names
        for arg, parameter in parameters(knowledge, op, callee)
    )


def _held(root: Root, caller: Function, own: Root) -> set[int]:
    """The calls on objects that keep the session where the helper has it."""
    head, _, path = root.place.partition(".")
    if head != "self" or not path:
        return set()
    return {
        id(use.op)
        for use in caller.uses(own)
        if use.op.do == "call" and is_holder(use.role) and f".{path}" in paths(use.role)
    }


def _names(caller: Function, own: Root) -> set[str]:
    names = {own.place} if own.place else set()
    bound = None if own.place else caller.bound_name(own) or caller.entered_name(own)
    return names | ({bound} if bound else set())
