"""Loops that wait for a row to change, and ask a session that gives the object it has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.catalog.objects import KEEPS
from sqla_lint.flow.generic import for_class
from sqla_lint.flow.origins import Origin
from sqla_lint.flow.root import NOWHERE, SELF
from sqla_lint.ir import Const, Op, Operand, Place
from sqla_lint.project.callers import called
from sqla_lint.project.kind import FOREIGN, FUNCTIONS, NAME, is_own_function
from sqla_lint.views.behind import Definitions, behind, definitions
from sqla_lint.views.entities import reader
from sqla_lint.views.function import Function, Operation
from sqla_lint.views.renewing import is_populating, is_renewed, renews
from sqla_lint.views.resting import is_constant, rests_on

_SLEEPS = frozenset(
    {"anyio.sleep", "asyncio.sleep", "eventlet.sleep", "gevent.sleep", "time.sleep", "trio.sleep"}
    | {"asyncio.wait_for", "threading.Event().wait"}
)
_SESSIONS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION})


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
        elif session is None or is_renewed(function, session, inside):
            continue
        if _is_another(function, defined, origin, inside) or _populates(function, defined, origin):
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
    return not is_renewed(helper, session, helper.positions)


def _asking(function: Function, origin: Origin) -> Op | None:
    """The call that gives the object."""
    op = function.op(origin.root.position)
    if op.do != "await":
        return op
    made = function.maker(op.on)
    return made.op if made is not None else None


def _is_of_others(function: Function, number: int, i: int, op: Op) -> bool:
    """An operation of a loop does nothing to a session: at the most it calls libraries, and
    functions that do nothing to one, either; or commits where that keeps the objects."""
    if op.do in ("closure", "yield"):
        return False
    on = function.typed.on[number][i]
    if op.do not in ("call", "enter"):
        return True
    if op.do == "call" and on.name in _SESSIONS:
        return op.name == "commit" and bool(on.traits & KEEPS)
    known = called(function.project.knowledge, op, on) if op.do == "call" else on
    if is_own_function(known):
        return not renews(function, known.label)
    library = known.name in (NAME, FOREIGN) and not known.label.startswith("sqlalchemy.")
    return library and all(
        kind.name not in _SESSIONS | {kinds.INSTANCE} for kind in function.typed.args[number][i]
    )


def _sleeps(function: Function, number: int, i: int, op: Op) -> bool:
    known = called(function.project.knowledge, op, function.typed.on[number][i])
    if known.label in _SLEEPS:
        return True
    entry = function.project.knowledge.functions.get(known.label)
    if entry is None or known.name not in FUNCTIONS:
        return False
    module, code = entry  # the kinds of what touches no database are not kept
    scopes = function.project.models.scopes
    return any(
        op.do == "call"
        and isinstance(op.on, str)
        and scopes.resolve(module, code, f"{op.on}.{op.name}" if op.name else op.on) in _SLEEPS
        for block in code.blocks
        for op in block.ops
    )


def _populates(function: Function, defined: Definitions, origin: Origin) -> bool:
    """The statement, wherever it is made, says that it brings the values anew."""
    start = _start(function, origin)
    return start is not None and any(
        operation.op.do == "call" and is_populating(operation.op)
        for operation in behind(defined, start)
    )


def _is_another(
    function: Function, defined: Definitions, origin: Origin, inside: list[tuple[int, int, Op]]
) -> bool:
    """Which object is asked for depends on the turn."""
    bound = {
        op.dst
        for _, _, op in inside
        if op.dst is not None and op.dst[0] != "%" and op.do != "getattr"
    }
    start = _start(function, origin)
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


def _start(function: Function, origin: Origin) -> Operation | None:
    wanted = function.op(origin.root.position)
    return next((o for o in function.operations() if o.op is wanted), None)


def _column(function: Function, origin: Origin, inside: list[tuple[int, int, Op]]) -> str:
    """A column of the object that decides whether the loop goes on; "" when none does."""
    start = _start(function, origin)
    names = _names(function, start) if start is not None else set()
    if all(name[0] == "%" for name in names):
        return ""  # what nothing keeps, the session forgets, and the next turn loads it anew
    blocks = function.typed.function.blocks
    if any(
        (op.do == "setattr" and op.on in names)
        or (op.dst in names and op.do == "move" and op.on not in names)
        or _may_change(function, number, i, op, names)
        for number, i, op in inside
    ):
        return ""
    numbers = {number for number, _, _ in inside}
    made = {op.dst for _, _, op in inside if op.do in _CHANGING and op.dst is not None}
    read: dict[Operand | None, str] = {}  # what rests on an attribute of the object alone
    timed: set[str] = set()
    for _, _, op in inside:
        if op.dst is None:
            continue
        if op.on in names and op.do in ("getattr", "call") and op.name is not None:
            if not op.args:
                read[op.dst] = op.name
            continue
        if op.do not in ("compare", "unary", "call"):
            continue
        given = [value for value in (op.on, *(arg.value for arg in op.args)) if _is_place(value)]
        asked = [read[value] for value in given if value in read]
        if any(value in made and value not in read for value in given):
            timed.update(asked)  # another value decides, too: the clock
        elif asked and (op.do != "call" or op.on in read):
            read[op.dst] = asked[0]
    for number, _, op in inside:
        if op.do != "test" or op.on not in read or read[op.on] in timed:
            continue
        leaves = any(edge.to not in numbers for edge in blocks[number].edges)
        if leaves or _returns(function, number):
            column = rests_on(function, origin.model, read[op.on])
            if column:
                return column
    return ""


def _may_change(function: Function, number: int, i: int, op: Op, names: set[Place]) -> bool:
    """A call does something with the object: a method of it that is more than a question, or a
    function of the project, or an unknown one, that gets it."""
    if op.do != "call":
        return False
    knowledge = function.project.knowledge
    run = called(knowledge, op, function.typed.on[number][i])
    entry = knowledge.functions.get(run.label)
    if op.on in names:
        return entry is None or not is_constant(entry[1])
    given = any(arg.value in names for arg in op.args)
    return given and run.name not in (NAME, FOREIGN)


# What gives another value in each turn.
_CHANGING = frozenset({"augassign", "await", "binop", "call", "next", "unpack", "yield"})


def _is_place(value: Operand | None) -> bool:
    return value is not None and not isinstance(value, Const)


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
