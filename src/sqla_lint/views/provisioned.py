"""Tasks that only ask, on a session that has its connection: they wait for each other, and no more.

A session that gets its connection while another task wants it raises; commits, flushes and what is
added beside each other do, too. Statements of one connection are sent one after the other.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.catalog import kinds
from sqla_lint.ir import ENTRY, Op, Place
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.infer import Typed
from sqla_lint.project.kind import UNKNOWN, Kind, lenders
from sqla_lint.views.beside import DEPTH, HANDLES, Handle, Work, original
from sqla_lint.views.function import Function
from sqla_lint.ways import behind, passes_by

_ASKING = frozenset(
    {"execute", "scalar", "scalars", "exec", "get", "get_one", "stream", "stream_scalars"}
)
_RESTS = frozenset({"expunge", "in_transaction", "get_bind", "bind", "info", "is_active"})
_ENDING = frozenset({"commit", "rollback", "close", "aclose", "reset", "invalidate", "remove"})
_UNKNOWN = "?"  # somebody else's function gets it
CHECKED = (2, 0)  # 1.4 does not ask whether a session is in use


def only_wait(function: Function, handle: Handle, works: tuple[Work, ...]) -> bool:
    """Nothing happens to tasks that use a session or connection at the same time, but that they
    wait."""
    if not all(_only_asks(function, handle, work) for work in works):
        return False
    if handle.kind.name == kinds.CONNECTION or function.target < CHECKED:
        return True
    return _has_connection(function, handle, works[0])


def _only_asks(function: Function, handle: Handle, work: Work) -> bool:
    """A task does nothing with the session but to send statements."""
    if work.function is UNKNOWN or not work.function.label:
        direct = work.op.do == "call" and work.op.name in _ASKING
        return (
            direct
            and isinstance(work.op.on, str)
            and original(function, work.op.on) == (handle.name)
        )
    typed = function.project.typed.get(work.function.label)
    if typed is None:
        return False
    for handed in work.handed:
        if handed.kind.name in HANDLES and handed.parameter is not None:
            done = set(_done(function, typed, handed.parameter, DEPTH))
            return bool(done & _ASKING) and done <= _ASKING | _RESTS
    return False


def _done(function: Function, typed: Typed, place: Place, depth: int) -> Iterator[str]:
    """The methods that a function of the project, and those that it hands it to, call of a session;
    and what else it does that counts."""
    for number, block in enumerate(typed.function.blocks):
        for i, op in enumerate(block.ops):
            on = typed.on[number][i]
            if op.do == "setattr" and on.name == kinds.ENTITY:
                yield "setattr"
            if op.on == place and op.do in ("call", "getattr"):
                yield op.name or _UNKNOWN
            elif op.on == place and op.do not in ("test", "compare"):
                yield _UNKNOWN
            if all(arg.value != place for arg in op.args):
                continue
            callee, name = _handed_to(function, op, on, place)
            if callee is None or name is None or not depth:
                yield _UNKNOWN
            else:
                yield from _done(function, callee, name, depth - 1)


def _handed_to(
    function: Function, op: Op, on: Kind, place: Place
) -> tuple[Typed | None, Place | None]:
    """The function of the project that a call hands a place to, and its name there."""
    if op.do != "call":
        return None, None
    knowledge = function.project.knowledge
    callee = called(knowledge, op, on)
    name = next((n for a, n in parameters(knowledge, op, callee) if a.value == place), None)
    return function.project.typed.get(callee.label), name


def _has_connection(function: Function, handle: Handle, work: Work) -> bool:
    """A statement was surely sent in the session before, and nothing has ended its transaction."""
    before = [
        (number, i, op)
        for number, i, op in function.positions
        if (number, i) < work.position or op.at < work.op.at
    ]
    sent = [
        (number, i, op)
        for number, i, op in before
        if _sends(function, function.typed, (number, i), op, handle.name, DEPTH)
        and _is_surely_before(function, number, work.position[0])
    ]
    if not sent:
        return _is_asked_before(function, handle) and not _ends_after(function, handle, -1, work)
    return not _ends_after(function, handle, max(op.at for _, _, op in sent), work)


def _is_surely_before(function: Function, block: int, then: int) -> bool:
    blocks = function.typed.function.blocks
    return block == then or then not in behind(blocks, [ENTRY], stop={block}, caught=True)


def _sends(
    function: Function, typed: Typed, at: tuple[int, int], op: Op, place: Place, depth: int
) -> bool:
    """An operation surely sends a statement in the session that a function knows by a name."""
    if op.do != "call":
        return False
    on = typed.on[at[0]][at[1]]
    if op.on == place and on.name in HANDLES:
        return op.name in _ASKING
    if not depth or all(arg.value != place for arg in op.args):
        return False
    other, name = _handed_to(function, op, on, place)
    return (
        other is not None and name is not None and _surely_sends(function, other, name, depth - 1)
    )


def _surely_sends(function: Function, typed: Typed, place: Place, depth: int) -> bool:
    sending = {
        number
        for number, block in enumerate(typed.function.blocks)
        for i, op in enumerate(block.ops)
        if _sends(function, typed, (number, i), op, place, depth)
    }
    return bool(sending) and not passes_by(typed.function, sending)


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
            if _surely_sends(function, typed, param.name, DEPTH):
                return True
        elif any(_asks_as_dependency(function, one, given, depth - 1) for one in lenders(kind)):
            return True
    return False


def _ends_after(function: Function, handle: Handle, at: int, work: Work) -> bool:
    """Something may end the transaction of the session, between an operation and the tasks."""
    for number, i, op in function.positions:
        if op.do != "call" or not at < op.at < work.op.at:
            continue
        on = function.typed.on[number][i]
        if op.on == handle.name and on.name in HANDLES and op.name in _ENDING:
            return True
        callee = called(function.project.knowledge, op, on)
        for arg, name in parameters(function.project.knowledge, op, callee):
            if arg.value == handle.name:
                typed = function.project.typed.get(callee.label)
                if typed is None or name is None:
                    continue
                if not _ENDING.isdisjoint(_done(function, typed, name, DEPTH)):
                    return True
    return False
