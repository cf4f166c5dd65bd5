"""Bulk writes of functions that are called, in the words of their callers: whose session runs them,
which rows they mean, which columns they set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.flow.origins import Origin
from sqla_lint.ir import Const, Op, Operand, Place
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.kind import FUNCTIONS
from sqla_lint.views.behind import Definitions, definitions, picked_by, valued_by
from sqla_lint.views.beside import given_to, original
from sqla_lint.views.function import Function, Operation
from sqla_lint.views.witnessed import source_of

_WORKING = frozenset({kinds.SESSION, kinds.SCOPED_SESSION, kinds.QUERY})
_PLAIN = frozenset({"builtins.classmethod", "builtins.staticmethod"})
# After one of these the objects are not what they were, or another unit of work has begun.
ENDING = frozenset(
    {"begin", "begin_nested", "close", "commit", "expire", "expire_all", "expunge"}
    | {"expunge_all", "invalidate", "populate_existing", "refresh", "remove", "reset", "rollback"}
)
# The registry of a framework, which need not be named: `User.query`.
REGISTRY = "<registry>"
# A query is made by so few calls.
CHAIN = 40


class Inside(NamedTuple):
    """A function that a call runs, and what its parameters stand for there."""

    function: Function
    places: Mapping[Place, Operand]
    call: Operation


def inside(function: Function, operation: Operation) -> Inside | None:
    """The function of the project that a call runs."""
    op, knowledge = operation.op, function.project.knowledge
    if op.do != "call":
        return None
    callee = called(knowledge, op, operation.on)
    typed = function.project.typed.get(callee.label) if callee.name in FUNCTIONS else None
    if typed is None or typed.function.is_generator:
        return None
    if any(d.label not in _PLAIN for d in knowledge.decorators.get(callee.label, ())):
        return None
    there = function.of(typed)
    if op.name is None and operation.on.name == kinds.CLASS:
        return None
    places: dict[Place, Operand] = {}
    for arg, parameter in parameters(knowledge, op, callee):
        if parameter is not None:
            places[parameter] = arg.value
    params = typed.function.params
    if callee.name == "METHOD" and params and isinstance(op.on, str):
        places[params[0].name] = op.on
    bound = {o.dst for _, _, o in there.positions if o.do not in ("getattr", "setattr")}
    return Inside(there, {p: v for p, v in places.items() if p not in bound}, operation)


def is_plain(function: Function) -> bool:
    """It ends no unit of work and loads nothing anew."""
    return not any(
        (op.do == "call" and op.name in ENDING)
        or any(arg.keyword == "populate_existing" for arg in op.args)
        for _, _, op in function.positions
    )


def outside(one: Inside, place: Operand) -> Operand | None:
    """What the caller calls a place of the function; None for its own."""
    if isinstance(place, Const):
        return place
    head, dot, rest = place.partition(".")
    value = one.places.get(head)
    if value is None or not dot:
        return value
    return f"{value}.{rest}" if isinstance(value, str) else None


def session_of(function: Function, defined: Definitions, start: Operation) -> Place | None:
    """By which name a function has the session that runs a statement or query."""
    operation: Operation | None = start
    for _ in range(CHAIN):
        if operation is None:
            return None
        op, on = operation.op, operation.on
        if on.name == kinds.SCOPED_SESSION or (
            op.do == "getattr" and op.name == "query" and on.name == kinds.MAPPED_CLASS
        ):
            return REGISTRY
        if on.name == kinds.SESSION and isinstance(op.on, str):
            return given_to(function, original(function, op.on))
        made = defined.get(op.on, []) if isinstance(op.on, str) else []
        operation = made[0] if len(made) == 1 else None
    return None


def session_outside(function: Function, one: Inside, start: Operation) -> Place | None:
    """The same of a function that is called, by the caller's name."""
    there = session_of(one.function, definitions(one.function), start)
    if there is None or there == REGISTRY:
        return there
    place = outside(one, there)
    return given_to(function, original(function, place)) if isinstance(place, str) else None


def picked_outside(
    function: Function, defined: Definitions, one: Inside, start: Operation
) -> frozenset[Operand]:
    """The values by which a statement of a called function picks its rows, as its caller has
    them."""
    found: set[Operand] = set()
    for value in picked_by(definitions(one.function), start):
        place = outside(one, value)
        if place is None:
            continue
        if isinstance(place, str) and "." not in str(value):
            found |= valued_by(defined, place, one.call)
        if isinstance(place, Const) or place[0] != "%":
            found.add(place)
    return frozenset(found)


class Loaded(NamedTuple):
    """By which session an object was loaded, and by which values its row was picked."""

    session: Place
    picks: frozenset[Operand]


def loaded_by(function: Function, defined: Definitions, origin: Origin) -> Loaded | None:
    """How an object came, here or in a function that is called."""
    start = operation_of(function, origin.root.position)
    if start is None:
        return None
    if origin.how == "loaded":
        session = _first_session(function, defined, origin, start)
        return Loaded(session, picked_by(defined, start)) if session is not None else None
    call = start
    if call.op.do == "await":
        made = defined.get(call.op.on, []) if isinstance(call.op.on, str) else []
        if len(made) != 1:
            return None
        call = made[0]
    one, source = inside(function, call), source_of(function, origin)
    if one is None or source is None or source.function.label != one.function.label:
        return None
    there = operation_of(source.function, source.origin.root.position)
    if there is None or not is_plain(source.function):
        return None
    own = _first_session(source.function, definitions(source.function), source.origin, there)
    place = own if own is None or own == REGISTRY else outside(one, own)
    if not isinstance(place, str):
        return None
    if place != REGISTRY:
        place = given_to(function, original(function, place))
    return Loaded(place, picked_outside(function, defined, one, there))


def _first_session(
    function: Function, defined: Definitions, origin: Origin, start: Operation
) -> Place | None:
    session = origin.session
    if session is not None and session.kind.name == kinds.SCOPED_SESSION:
        return REGISTRY
    places = [p for p, role in session.names if p[0] != "%" and role == "self"] if session else []
    if places:
        return given_to(function, original(function, min(places, key=len)))
    return session_of(function, defined, start)


def operation_of(function: Function, position: tuple[int, int]) -> Operation | None:
    """The operation of a place."""
    op = function.op(position)
    return next((o for o in function.operations() if o.op is op), None)


def is_let_be(function: Function, first: Op, last: Op) -> bool:
    """Between two operations nothing loads objects anew or ends a unit of work, as far as the text
    tells, in the function or in one that it calls there."""
    for operation in function.operations():
        op = operation.op
        if not first.at < op.at < last.at or op.do != "call":
            continue
        if op.name in ENDING:
            return False
        one = inside(function, operation)
        if one is not None and not is_plain(one.function):
            return False
    return True


def calls_inside(function: Function) -> Iterator[Inside]:
    """The functions of the project that are called here and work with a session."""
    for operation in function.operations():
        one = inside(function, operation)
        if one is not None and not _WORKING.isdisjoint(one.function.typed.present):
            yield one
