"""Objects that a function is handed: whether a caller has loaded one, and leaves it to the function
to tell its session of a change in place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.flow.root import Position
from sqla_lint.ir import ENTRY, EXIT, Place
from sqla_lint.ir import Function as Code
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.kind import Kind
from sqla_lint.views.calling import calls
from sqla_lint.views.function import Function
from sqla_lint.views.handedvalues import FLAGS, changed
from sqla_lint.views.once import per_project
from sqla_lint.views.paths import Note, elsewhere
from sqla_lint.views.writing import writes
from sqla_lint.ways import behind

# Functions hand an object on to each other so often at the most.
DEPTH = 4


class Value(NamedTuple):
    """The value of an attribute. ``tracked``: it tells the session of changes at its top."""

    attribute: str
    tracked: bool


class _Given(NamedTuple):
    """An argument of a call: its name in the calling function, and what it is there."""

    place: Place
    kind: Kind


def handed_objects(function: Function) -> frozenset[Place]:
    """The parameters that hold mapped objects, and are never bound to others."""
    bound = {op.dst for _, _, op in function.positions if op.do not in ("getattr", "setattr")}
    code = function.typed.function
    return frozenset(
        param.name
        for param in code.params
        if param.name not in bound and param.kind in ("positional", "normal", "keyword")
    )


def handed_loaded(
    function: Function, place: Place, value: Value, written: bool, depth: int = DEPTH
) -> Note | None:
    """The call that hands in an object which its caller has loaded, and after which a change in
    place of a value is lost: something is meant to be written, and nobody on the
    way tells the session or assigns another value."""
    typed, told = function.project.typed, function.project.knowledge.told
    for label, position in calls(function).get(function.label, ()) if depth else ():
        if label == function.label or told.is_test(typed[label].module.path):
            continue
        caller = function.of(typed[label])
        for given in _handed(caller, position, function, place):
            if _is_told(caller, position, given.place, value):
                continue
            meant = written or writes(caller)
            op = caller.op(position)
            if given.kind.name == kinds.ENTITY and "queried" in given.kind.traits:
                if meant:
                    there = elsewhere(function, caller.typed.module.path)
                    return Note("a loaded object is handed in here", op.at, there)
            elif given.place in handed_objects(caller):
                note = handed_loaded(caller, given.place, value, meant, depth - 1)
                if note is not None:
                    path = note.path or caller.typed.module.path
                    return note._replace(path=elsewhere(function, path))
    return None


def _handed(
    caller: Function, position: Position, function: Function, place: Place
) -> Iterator[_Given]:
    """What a call gives for a parameter of the function."""
    op, knowledge = caller.op(position), caller.project.knowledge
    number, i = position
    on, kinds_of = caller.typed.on[number][i], caller.typed.args[number][i]
    callee = called(knowledge, op, on)
    params = function.typed.function.params
    if callee.name == "METHOD" and params and place == params[0].name:
        if on.name == kinds.ENTITY and isinstance(op.on, str):
            yield _Given(op.on, on)
        return
    for (arg, name), kind in zip(parameters(knowledge, op, callee), kinds_of, strict=False):
        if name == place and isinstance(arg.value, str):
            yield _Given(arg.value, kind)


def _is_told(caller: Function, call: Position, place: Place, value: Value) -> bool:
    """Of the object the caller assigns or changes the attribute itself, or tells the session; or
    on each way through the call another call does so."""
    code = caller.typed.function
    if _tells(code, value):
        return True
    stops: set[int] = set()
    for number, block in enumerate(code.blocks):
        for i, op in enumerate(block.ops):
            given = [op.on, *(arg.value for arg in op.args)]
            if op.do != "call" or (number, i) == call or place not in given:
                continue
            callee = called(caller.project.knowledge, op, caller.typed.on[number][i])
            if _is_telling(caller, callee.label, value, DEPTH):
                stops.add(number)
    return (
        call[0] in stops
        or call[0] not in behind(code.blocks, [ENTRY], stop=stops, swallowed=True)
        or EXIT not in behind(code.blocks, [call[0]], stop=stops, swallowed=True)
    )


def _is_telling(caller: Function, label: str, value: Value, depth: int) -> bool:
    """A function, or one that it calls, may tell the session of a change of the attribute."""
    known, key = _telling(caller), (label, value, depth)
    if key not in known:
        known[key] = False  # of one that calls itself
        known[key] = _may_tell(caller, label, value, depth)
    return known[key]


@per_project
def _telling(function: Function) -> dict[tuple[str, Value, int], bool]:
    """What `_is_telling` has found."""
    return {}


def _may_tell(caller: Function, label: str, value: Value, depth: int) -> bool:
    entry = caller.project.knowledge.functions.get(label)
    if entry is None:
        return False
    if not depth or _tells(entry[1], value):
        return True
    typed = caller.project.typed.get(label)
    if typed is None:
        return False
    return any(
        _is_telling(caller, inner.label, value, depth - 1)
        for number, block in enumerate(typed.function.blocks)
        for i, op in enumerate(block.ops)
        if op.do == "call"
        for inner in (called(caller.project.knowledge, op, typed.on[number][i]),)
    )


def _tells(code: Code, value: Value) -> bool:
    """In the text of a function the attribute of some object is assigned, its value is changed at
    the top, or the session is told of a change."""
    read: set[object] = set()
    for block in code.blocks:
        for op in block.ops:
            if op.do == "call" and (op.name in FLAGS or str(op.on).rpartition(".")[2] in FLAGS):
                return True
            if op.do == "setattr" and op.name == value.attribute:
                return True
            reads = op.do == "getattr" and op.name == value.attribute
            if reads or (op.do == "move" and op.on in read):
                read.add(op.dst)
            elif value.tracked and changed(op) in read:
                return True
    return False
