"""Loops that wait for a row to change, and ask a session that gives the object it has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.catalog.objects import KEEPS
from sqla_lint.flow.attributes import is_mapped_column, mapped
from sqla_lint.flow.generic import for_class
from sqla_lint.flow.origins import Origin, Session
from sqla_lint.flow.reads import Reads
from sqla_lint.flow.root import NOWHERE, SELF
from sqla_lint.ir import Const, Op, Operand, Place
from sqla_lint.ir import Function as Code
from sqla_lint.project.callers import called
from sqla_lint.project.kind import FOREIGN, FUNCTIONS, NAME, Kind, is_own_function
from sqla_lint.views.behind import Definitions, behind, definitions
from sqla_lint.views.entities import reader
from sqla_lint.views.function import Function, Operation

_SLEEPS = frozenset(
    {"anyio.sleep", "asyncio.sleep", "eventlet.sleep", "gevent.sleep", "time.sleep", "trio.sleep"}
    | {"asyncio.wait_for", "threading.Event().wait"}
)
_SESSIONS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION})
# How far functions are followed for what they do to the session.
_DEPTH = 3
# What a session does that may bring other values, or is another unit of work.
_FRESH = frozenset(
    {"begin", "begin_nested", "close", "commit", "expire", "expire_all", "expunge", "expunge_all"}
    | {"invalidate", "refresh", "remove", "reset", "rollback", "run_sync"}
)
# ... where a commit leaves the objects as they are.
_FRESH_THOUGH_KEPT = _FRESH - {"begin", "commit"}
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
    return not _is_renewed(helper, session, list(helper.positions))


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
        return not _renews(function, known.label, _DEPTH)
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


def _is_renewed(function: Function, session: Session, inside: list[tuple[int, int, Op]]) -> bool:
    """The loop ends the transaction, makes the session, or hands it to somebody who may."""
    names = {place for place, _ in session.names}
    owners = {place.rpartition(".")[0] for place in names} - {""}
    knowledge = function.project.knowledge
    for number, i, op in inside:
        if op.at == session.at or (op.do == "enter" and {op.on, op.dst} & names):
            return True
        if op.do != "call":
            continue
        on = function.typed.on[number][i]
        if op.on in names and op.name in _fresh(session.kind):
            return True
        if _is_populating(op):
            return True
        own = on.name in _SESSIONS
        if own and op.name in _fresh(on) - {"begin"}:
            return True
        given = {arg.value for arg in op.args}
        if not own and (given & (names | owners) or op.on in owners):
            run = called(knowledge, op, on)
            ours = is_own_function(run)
            if _renews(function, run.label, _DEPTH) if ours else given & names:
                return True
    return False


def _fresh(kind: Kind) -> frozenset[str]:
    return _FRESH_THOUGH_KEPT if kind.traits & KEEPS else _FRESH


def _is_populating(op: Op) -> bool:
    return op.name in _POPULATING or any(arg.keyword == "populate_existing" for arg in op.args)


def _populates(function: Function, defined: Definitions, origin: Origin) -> bool:
    """The statement, wherever it is made, says that it brings the values anew."""
    start = _start(function, origin)
    return start is not None and any(
        operation.op.do == "call" and _is_populating(operation.op)
        for operation in behind(defined, start)
    )


def _renews(function: Function, label: str, depth: int) -> bool:
    """A function of the project, or one that it calls, may do something to a session that brings
    the values of its objects anew."""
    project = function.project
    typed = project.typed.get(label)
    if depth == 0:
        return True
    if typed is None:  # it touches no database itself: what the functions do that it calls
        inferred = project.inferred.get(label)
        inner = {q[1] for q in inferred.asked if q[0] == "summary"} if inferred else set()
        return any(_renews(function, one, depth - 1) for one in inner - {label})
    for number, block in enumerate(typed.function.blocks):
        for i, op in enumerate(block.ops):
            on = typed.on[number][i]
            own = on.name in _SESSIONS
            if op.do == "enter" and own:
                return True
            if op.do != "call":
                continue
            if (own and op.name in _fresh(on)) or _is_populating(op):
                return True
            run = called(project.knowledge, op, on)
            if is_own_function(run):
                if run.label != label and _renews(function, run.label, depth - 1):
                    return True
            elif not own and any(kind.name in _SESSIONS for kind in typed.args[number][i]):
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
            column = _rests_on(function, origin.model, read[op.on])
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
        return entry is None or not _is_constant(entry[1])
    given = any(arg.value in names for arg in op.args)
    return given and run.name not in (NAME, FOREIGN)


# What gives another value in each turn.
_CHANGING = frozenset({"augassign", "await", "binop", "call", "next", "unpack", "yield"})
# What a property does that gives the same as long as the columns are the same.
_CONSTANT = frozenset(
    {"boolop", "compare", "getattr", "getitem", "ifelse", "move", "pack", "return", "test"}
    | {"unary"}
)


def _is_place(value: Operand | None) -> bool:
    return value is not None and not isinstance(value, Const)


def _rests_on(function: Function, model: str, name: str) -> str:
    """The column that an attribute is, or that decides what a property or method gives; "" for
    the key, and where something else may decide."""
    project = function.project
    found = mapped(project, model, name)
    if found is not None:
        key = found.column is not None and found.column.primary_key
        return name if is_mapped_column(project, model, name) and not key else ""
    if not _asks(function, model, name):
        return ""
    reads = reader(function).summaries.expanded(Reads(maybe=frozenset({name})), model).maybe
    columns = [one for one in sorted(reads - {name}) if mapped(project, model, one) is not None]
    others = reads - {name, *columns}
    decided = [one for one in columns if _rests_on(function, model, one)]
    return decided[0] if decided and all(_asks(function, model, one) for one in others) else ""


def _asks(function: Function, model: str, name: str) -> bool:
    """A property or method of a class asks nothing but its object."""
    knowledge = function.project.knowledge
    entry = knowledge.functions.get(knowledge.classes.method(model, name) or "")
    return entry is not None and _is_constant(entry[1])


def _is_constant(code: Code) -> bool:
    """A property that asks nothing but the object: not the time, and no other row."""
    return not code.is_async and all(
        op.do in _CONSTANT for block in code.blocks for op in block.ops
    )


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
