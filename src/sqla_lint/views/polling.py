"""Loops that wait for a row to change, and ask a session that gives the object it has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.flow.attributes import mapped
from sqla_lint.flow.generic import for_class
from sqla_lint.flow.origins import Origin, Session
from sqla_lint.flow.root import NOWHERE, SELF
from sqla_lint.ir import Op, Place
from sqla_lint.project.callers import called
from sqla_lint.project.kind import FOREIGN, NAME
from sqla_lint.views.behind import Definitions, behind, definitions
from sqla_lint.views.entities import reader
from sqla_lint.views.function import Function, Operation

_SLEEPS = frozenset(
    {"anyio.sleep", "asyncio.sleep", "eventlet.sleep", "gevent.sleep", "time.sleep", "trio.sleep"}
)
# What a session does that may bring other values, or is another unit of work.
_FRESH = frozenset(
    {"begin", "begin_nested", "close", "commit", "expire", "expire_all", "expunge", "expunge_all"}
    | {"invalidate", "refresh", "remove", "reset", "rollback"}
)
_POPULATING = frozenset({"populate_existing", "execution_options", "with_for_update"})


class Polled(NamedTuple):
    """The statement of a waiting loop, and the column that it waits for."""

    op: Op
    model: str
    attribute: str


def polled(function: Function) -> Iterator[Polled]:
    """Waiting loops whose session never loads the object again."""
    blocks = function.typed.function.blocks
    waiting = {
        block.loops[-1]
        for number, i, op in function.call_positions
        for block in (blocks[number],)
        if block.loops and _sleeps(function, number, i, op)
    }
    if not waiting:
        return
    defined = definitions(function)
    for origin in reader(function).origins(function):
        session = origin.session
        helped = origin.how == "called" and _only_asks(function, origin)
        asked = helped or (origin.how == "loaded" and session is not None)
        if not asked or origin.root.position == NOWHERE:
            continue
        loops = blocks[origin.root.position[0]].loops
        if origin.root.role != SELF or not loops or loops[-1] not in waiting:
            continue
        inside = [
            (number, i, op)
            for number, i, op in function.positions
            if loops[-1] in blocks[number].loops
        ]
        if helped:
            asking = _asking(function, origin)
            rest = [(number, i, op) for number, i, op in inside if op is not asking]
            if not all(_is_of_others(function, number, i, op) for number, i, op in rest):
                continue
        elif session is None or _is_renewed(function, session, inside):
            continue
        if _is_another(function, defined, origin, inside):
            continue
        column = _column(function, origin, inside)
        if column:
            yield Polled(function.op(origin.root.position), origin.model, column)


def _only_asks(function: Function, origin: Origin) -> bool:
    """The function that gives the object asks the session of its caller for it, and does no
    more."""
    typed = function.project.typed.get(origin.callee)
    if typed is None or typed.function.is_generator:
        return False
    helper = function.of(for_class(function.project, typed, origin.model))
    given = [o for o in reader(function).origins_for(helper) if o.model == origin.model]
    if len(given) != 1 or given[0].how != "loaded" or given[0].root.role != SELF:
        return False
    session = given[0].session
    if session is None or session.made is not None or session.kind.owner == "local":
        return False
    return not _is_renewed(helper, session, list(helper.positions))


def _asking(function: Function, origin: Origin) -> Op | None:
    """The call that gives the object."""
    op = function.op(origin.root.position)
    if op.do != "await":
        return op
    made = function.maker(op.on)
    return made.op if made is not None else None


def _is_of_others(function: Function, number: int, i: int, op: Op) -> bool:
    """An operation of a loop does nothing to a session: at the most it calls libraries."""
    if op.do in ("enter", "closure", "yield"):
        return False
    if op.do != "call":
        return True
    known = called(function.project.knowledge, op, function.typed.on[number][i])
    library = known.name in (NAME, FOREIGN) and not known.label.startswith("sqlalchemy.")
    return library and all(
        kind.name not in (kinds.SESSION, kinds.SCOPED_SESSION, kinds.INSTANCE)
        for kind in function.typed.args[number][i]
    )


def _sleeps(function: Function, number: int, i: int, op: Op) -> bool:
    return called(function.project.knowledge, op, function.typed.on[number][i]).label in _SLEEPS


def _is_renewed(function: Function, session: Session, inside: list[tuple[int, int, Op]]) -> bool:
    """The loop ends the transaction, makes the session, or hands it to somebody who may."""
    names = {place for place, _ in session.names}
    for number, i, op in inside:
        if op.at == session.at or (op.do == "enter" and {op.on, op.dst} & names):
            return True
        if op.do != "call":
            continue
        if op.on in names and op.name in _FRESH:
            return True
        if op.name in _POPULATING or any(arg.keyword == "populate_existing" for arg in op.args):
            return True
        own = function.typed.on[number][i].name in (kinds.SESSION, kinds.SCOPED_SESSION)
        if not own and any(arg.value in names for arg in op.args):
            return True
        if op.name in _FRESH - {"begin"} and own:
            return True
    return False


def _is_another(
    function: Function, defined: Definitions, origin: Origin, inside: list[tuple[int, int, Op]]
) -> bool:
    """Which object is asked for depends on the turn."""
    bound = {
        op.dst
        for _, _, op in inside
        if op.dst is not None and op.dst[0] != "%" and op.do != "getattr"
    }
    start = next(
        (o for o in function.operations() if o.op is function.op(origin.root.position)), None
    )
    if start is None:
        return True
    own = _names(function, start)
    for operation in behind(defined, start):
        op = operation.op
        for value in (op.on, *(arg.value for arg in op.args)):
            if isinstance(value, str) and value in bound - own:
                return True
    return False


def _names(function: Function, start: Operation) -> set[Place]:
    """What the object is called."""
    names = {start.op.dst} if start.op.dst is not None else set()
    for operation in function.operations():
        if operation.op.do in ("move", "await") and operation.op.on in names:
            names |= {operation.op.dst} if operation.op.dst is not None else set()
    return names


def _column(function: Function, origin: Origin, inside: list[tuple[int, int, Op]]) -> str:
    """A column of the object that decides whether the loop goes on; "" when none does."""
    start = next(
        (o for o in function.operations() if o.op is function.op(origin.root.position)), None
    )
    names = _names(function, start) if start is not None else set()
    if all(name[0] == "%" for name in names):
        return ""  # what nothing keeps, the session forgets, and the next turn loads it anew
    blocks = function.typed.function.blocks
    read = {
        op.dst: op.name
        for _, _, op in inside
        if op.do == "getattr" and op.on in names and op.dst is not None and op.name is not None
    }
    if any(op.do == "setattr" and op.on in names for _, _, op in inside):
        return ""
    numbers = {number for number, _, _ in inside}
    for number, _, op in inside:
        if op.do != "compare" or op.dst is None:
            continue
        places = [p for p in (op.on, *(a.value for a in op.args)) if isinstance(p, str)]
        asked = next((read[place] for place in places if place in read), None)
        tested = any(o.do == "test" and o.on == op.dst for o in blocks[number].ops)
        leaves = any(edge.to not in numbers for edge in blocks[number].edges) or _returns(
            function, number
        )
        if asked and tested and leaves:
            found = mapped(function.project, origin.model, asked)
            if found is not None and found.role == "column" and found.load == "eager":
                primary = found.column is not None and found.column.primary_key
                return "" if primary else asked
    return ""


def _returns(function: Function, number: int) -> bool:
    """A branch of a test returns or breaks."""
    blocks = function.typed.function.blocks
    loop = blocks[number].loops[-1]
    return any(
        loop not in blocks[edge.to].loops
        or any(op.do == "return" for op in blocks[edge.to].ops)
        or any(loop not in blocks[e.to].loops for e in blocks[edge.to].edges)
        for edge in blocks[number].edges
    )
