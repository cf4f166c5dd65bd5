"""Tasks that only ask, on a session that has its connection: they wait for each other, and no more.

A session that gets its connection while another task wants it raises; commits, flushes and what is
added beside each other do, too. Statements of one connection are sent one after the other.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.catalog import kinds
from sqla_lint.ir import Place
from sqla_lint.project.callers import called
from sqla_lint.project.infer import Typed
from sqla_lint.project.kind import UNKNOWN, Kind, lenders
from sqla_lint.views.beside import (
    DEPTH,
    HANDLES,
    Handle,
    Position,
    Work,
    given_to,
    loading,
    original,
    outer_name,
    outside,
)
from sqla_lint.views.calling import calls
from sqla_lint.views.function import Function
from sqla_lint.views.heldconnections import ASKING, ENDING, callees, is_held, leaves_held

_RESTS = frozenset({"expunge", "in_transaction", "get_bind", "bind", "info", "is_active"})
_WRITING = ENDING | {
    *("add", "add_all", "begin", "begin_nested", "delete", "flush", "merge", "refresh", "setattr"),
    *("bulk_insert_mappings", "bulk_save_objects", "bulk_update_mappings", "run_sync"),
}
_UNKNOWN = "?"  # somebody else's function gets it
CHECKED = (2, 0)  # 1.4 does not ask whether a session is in use


def only_wait(function: Function, handle: Handle, works: tuple[Work, ...]) -> bool:
    """Nothing happens to tasks that use a session or connection at the same time, but that they
    wait."""
    if not all(_only_asks(function, handle, work) for work in works):
        return False
    if handle.kind.name == kinds.CONNECTION or function.target < CHECKED:
        return True
    asked = _is_asked_before(function, handle)
    return is_held(function, handle, works[0].position, asked)


def surely_harmed(function: Function, handle: Handle, works: tuple[Work, ...]) -> bool:
    """What the tasks do raises, or loses something, whatever was done with the session before: one
    of them writes; or the function has made it, or has ended its transaction. One that it was given
    may have its connection, where something has been awaited before, here or by who calls it."""
    if handle.kind.owner == "local" or any(
        op.on == handle.name and op.name in ENDING and (number, i) < works[0].position
        for number, i, op in function.call_positions
    ):
        return True
    if any(_writes(function, handle, work) for work in works):
        return True
    return not _is_awaited_before(function.typed, works[0].position) and not any(
        _is_awaited_before(function.project.typed[label], at)
        for label, at in calls(function).get(function.label, ())
    )


def _is_awaited_before(typed: Typed, at: Position) -> bool:
    """Something that may ask, in the order of the operations."""
    return any(
        op.do == "await" and (number, i) < at
        for number, block in enumerate(typed.function.blocks)
        for i, op in enumerate(block.ops)
    )


def _writes(function: Function, handle: Handle, work: Work) -> bool:
    typed = function.project.typed.get(work.function.label)
    if typed is None:
        return work.op.name in _WRITING
    places = _places(function, typed, handle, work)
    return any(not _WRITING.isdisjoint(_done(function, typed, one, DEPTH)) for one in places)


def _only_asks(function: Function, handle: Handle, work: Work) -> bool:
    """A task does nothing with the session but to send statements."""
    if work.op.do == "getattr" or (work.made is not None and work.made.do == "getattr"):
        return True  # `user.awaitable_attrs.posts`
    if work.function is UNKNOWN or not work.function.label:
        direct = work.op.do == "call" and work.op.name in ASKING
        return (
            direct
            and isinstance(work.op.on, str)
            and original(function, work.op.on) == (handle.name)
        )
    typed = function.project.typed.get(work.function.label)
    if typed is None:
        return False
    places = _places(function, typed, handle, work)
    done = {name for place in places for name in _done(function, typed, place, DEPTH)}
    if any(loading(function, work, one) for one in work.handed if one.kind.name == kinds.ENTITY):
        done.add("get")
    return bool(done & ASKING) and done <= ASKING | _RESTS


def _places(function: Function, typed: Typed, handle: Handle, work: Work) -> set[Place]:
    """What the function of a task calls the session: a parameter, what it captures, an attribute of
    its object."""
    found = {
        handed.parameter
        for handed in work.handed
        if handed.parameter is not None
        and isinstance(handed.value, str)
        and original(function, handed.value) == handle.name
    }
    there, params = work.there or function, typed.function.params
    me = params[0].name if params and work.owner else ""
    return found | {
        op.on
        for number, block in enumerate(typed.function.blocks)
        for op, on in zip(block.ops, typed.on[number], strict=True)
        if isinstance(op.on, str) and on.name in HANDLES
        if given_to(there, outer_name(there, typed, op.on, me, work.owner)) == handle.name
    }


def _done(function: Function, typed: Typed, place: Place, depth: int) -> Iterator[str]:
    """The methods that a function of the project, and those that it hands it to, call of a session;
    and what else it does that counts."""
    owner = place.rpartition(".")[0]
    for number, block in enumerate(typed.function.blocks):
        for i, op in enumerate(block.ops):
            on = typed.on[number][i]
            if op.do == "setattr" and on.name == kinds.ENTITY:
                yield "setattr"
            if op.on == place and op.do in ("call", "getattr"):
                yield op.name or _UNKNOWN
                continue
            if op.on == place and op.do not in ("test", "compare"):
                yield _UNKNOWN
            found = callees(function, typed, (number, i), frozenset({place}))
            given = any(arg.value in (place, owner) for arg in op.args)
            if (given and not found) or _is_of_another(function, typed, (number, i), owner):
                yield _UNKNOWN
            for callee, name in found:
                if depth:
                    yield from _done(function, callee, name, depth - 1)
                else:
                    yield _UNKNOWN


def _is_of_another(function: Function, typed: Typed, at: Position, owner: Place) -> bool:
    """A method of what the owner of the session holds beside it: that may have the session, too."""
    op = typed.function.blocks[at[0]].ops[at[1]]
    if op.do != "call" or not owner or not str(op.on).startswith(f"{owner}."):
        return False
    run = called(function.project.knowledge, op, typed.on[at[0]][at[1]])
    return bool(outside(function, run.label, str(op.on), DEPTH))


def _is_asked_before(function: Function, handle: Handle) -> bool:
    """Another dependency of the request, which has the same session, sends a statement in it."""
    given = lenders(handle.kind)
    cells = function.typed.cells
    others = [cells.get(param.name, UNKNOWN) for param in function.typed.function.params]
    return bool(given) and any(
        _asks_as_dependency(function, label, given, DEPTH)
        for kind in others
        if kind != handle.kind
        for label in lenders(kind)
    )


def _asks_as_dependency(function: Function, label: str, given: tuple[str, ...], depth: int) -> bool:
    typed = function.project.typed.get(label)
    if typed is None or not depth:
        return False
    for param in typed.function.params:
        kind: Kind = typed.cells.get(param.name, UNKNOWN)
        if kind.name in HANDLES and set(lenders(kind)) & set(given):
            if leaves_held(function, typed, param.name):
                return True
        elif any(_asks_as_dependency(function, one, given, depth - 1) for one in lenders(kind)):
            return True
    return False
