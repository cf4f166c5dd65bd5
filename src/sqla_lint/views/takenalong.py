"""Objects of an open session that a called function puts into what it adds to a session of its own:
``audit.record(user)``, which makes an `Entry(actor=user)` and saves that by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.flow.root import Position
from sqla_lint.ir import Op, Operand, Place
from sqla_lint.project.arguments import bound
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.kind import FUNCTIONS, Kind
from sqla_lint.views.beside import makers
from sqla_lint.views.carried import LETTING_GO, belongs, links, names_of
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_project
from sqla_lint.views.origins import still_open
from sqla_lint.views.paths import Note, elsewhere
from sqla_lint.views.units import follows

# Functions hand such an object on to each other so often at the most.
DEPTH = 3

_PACKS = frozenset({"list", "set", "tuple"})


class TakenAlong(NamedTuple):
    """``mine``: whose session the object is of; ``callee`` as the program writes it."""

    call: Op
    entity: Place
    mine: str
    callee: str
    attribute: str
    there: Note


class _Taking(NamedTuple):
    """The relationship that a parameter is put into, "" for one that is added itself; and where."""

    attribute: str
    at: Note


def taken_along(function: Function) -> Iterator[TakenAlong]:
    """Objects that a call puts into another session with what is made of them there."""
    if kinds.ENTITY not in function.typed.present:
        return
    for number, i, op in function.call_positions:
        given = function.typed.args[number][i]
        if all(kind.name != kinds.ENTITY for kind in given):
            continue
        callee = called(function.project.knowledge, op, function.typed.on[number][i])
        for arg, name in _arguments(function, op, callee):
            taking = _taking(function, callee.label, name, DEPTH)
            if taking is None or not taking.attribute or not isinstance(arg, str):
                continue
            since = (
                belongs(function, arg, (number, i)) if _runs_here(function, op, callee) else None
            )
            if since is not None and still_open(function, since, (number, i)):
                path = elsewhere(function, taking.at.path)
                written = f"{op.on}.{op.name}" if op.name else str(op.on)
                yield TakenAlong(
                    op, arg, since.session, written, taking.attribute, taking.at._replace(path=path)
                )


def _runs_here(function: Function, op: Op, callee: Kind) -> bool:
    """A coroutine is awaited at once: a task may run when the session is closed."""
    code = function.project.knowledge.functions[callee.label][1]
    return not code.is_async or any(
        other.do == "await" and other.on == op.dst for _, _, other in function.positions
    )


def _arguments(function: Function, op: Op, callee: Kind) -> Iterator[tuple[Operand, str]]:
    """Arguments with the parameters they are for, also with the one that takes all others."""
    knowledge = function.project.knowledge
    entry = knowledge.functions.get(callee.label)
    if callee.name not in FUNCTIONS or entry is None or any(arg.star for arg in op.args):
        return
    rest = [param.name for param in entry[1].params if param.kind == "star"]
    plain = [p for p in entry[1].params if p.kind in ("positional", "normal")]
    room = len(plain) - bound(knowledge, callee, entry[1])
    position = 0
    for arg, name in parameters(knowledge, op, callee):
        position += arg.keyword is None
        if name is not None:
            yield arg.value, name
        elif rest and arg.keyword is None and position > room:
            yield arg.value, rest[0]


def _taking(function: Function, label: str, parameter: str, depth: int) -> _Taking | None:
    """What a function does with a parameter by which it comes into a session that is made there."""
    known, key = _known(function), (label, parameter, depth)
    if key not in known:
        known[key] = None  # it calls itself
        typed = function.project.typed.get(label)
        if typed is not None and depth and not typed.function.is_generator:
            decorated = function.project.knowledge.decorators.get(label)
            there = function.of(typed)
            if not decorated and not _lets_go(there):
                known[key] = next(_found(there, parameter, depth), None)
    return known[key]


@per_project
def _known(function: Function) -> dict[tuple[str, str, int], _Taking | None]:
    """What has been asked of functions."""
    return {}


def _lets_go(there: Function) -> bool:
    """Something there may belong to no session any more, or is a copy."""
    letting = LETTING_GO - {"close", "invalidate", "reset"}
    return any(op.name in letting or op.on in letting for _, _, op in there.call_positions)


def _found(there: Function, parameter: str, depth: int) -> Iterator[_Taking]:
    if any(op.dst == parameter for _, _, op in there.positions):
        return
    own = {str(name) for name in names_of(there, parameter)}
    adds = list(_adds(there, depth))
    for at, value, taking in adds:
        if value in own:
            yield taking
        for link in links(there) if not taking.attribute else ():
            if link.value not in own or value not in names_of(there, link.object):
                continue
            if follows(there, link.position, at) or follows(there, at, link.position):
                yield taking._replace(attribute=link.attribute)


def _adds(there: Function, depth: int) -> Iterator[tuple[Position, Operand, _Taking]]:
    """What comes into a session that is made there, or by a function that is called."""
    for number, i, op in there.call_positions:
        on = there.typed.on[number][i]
        if on.name == kinds.SESSION:
            made = on.owner == "local" or (on.owner == "managed" and "begin" in on.traits)
            if op.name in ("add", "add_all") and made and op.args and str(op.on)[0] != "%":
                taking = _Taking("", Note("added here", op.at, there.typed.module.path))
                for value in _added(there, op):
                    yield (number, i), value, taking
            continue
        callee = called(there.project.knowledge, op, on)
        for value, name in _arguments(there, op, callee):
            taking_there = _taking(there, callee.label, name, depth - 1)
            if taking_there is not None:
                yield (number, i), value, taking_there


def _added(there: Function, op: Op) -> Iterator[Operand]:
    """What `add()` is given, or what is in what `add_all()` is."""
    value = op.args[0].value
    yield value
    made = list(makers(there, value)) if op.name == "add_all" else []
    if len(made) == 1 and made[0][2].do == "pack" and made[0][2].name in _PACKS:
        yield from (arg.value for arg in made[0][2].args)
