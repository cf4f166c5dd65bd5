"""New objects that hang on a loaded one by a backref, and that nothing hands to a session."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, cast

from sqla_lint.catalog import kinds
from sqla_lint.flow.attributes import mapped
from sqla_lint.ir import Op, Operand, Place
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.kind import FOREIGN, FUNCTIONS, NAME, Kind, class_name
from sqla_lint.views.function import Function, Operation
from sqla_lint.views.paths import Note, elsewhere

_SESSIONS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION})
_ENDING = frozenset({"commit", "flush"})
_BEGINNING = frozenset({"begin", "begin_nested"})
_COMMITTED = frozenset({"begin", "commits"})  # traits of sessions: leaving their `with` commits
_TAKING = frozenset({"add", "add_all", "merge"})
_NAMING = frozenset({"move", "await"})
_OWN = frozenset({"move", "await", "getattr", "setattr", "test"})
_BOUND = frozenset({"builtins.classmethod", "builtins.staticmethod"})
# Functions that end a unit of work by a call of another that does are followed so far.
DEPTH = 3


class Orphan(NamedTuple):
    """A new object; ``attribute`` is set to a loaded object, whose ``reverse`` then has it."""

    made: Op
    name: Place
    model: str
    attribute: str
    reverse: str
    there: Note | None = None  # where the function that is called makes it


class _Link(NamedTuple):
    """An attribute of a new object that is set to what is in ``value``."""

    attribute: str
    reverse: str
    value: Operand
    kind: Kind


class _Made(NamedTuple):
    """A new object, made by a function or for it by one that it calls. ``gone``: nobody has it when
    the operation is over."""

    op: Op
    model: str
    links: tuple[_Link, ...]
    there: Note | None
    gone: bool


def orphans(function: Function) -> Iterator[Orphan]:
    """New objects that are only reached from the other side of a relationship."""
    if function.typed.function.kind == "module":
        return
    operations = list(function.operations())
    ends: bool | None = None
    for made in _new(function, operations):
        names = _names(operations, made)
        if names is None or not (made.gone or _is_kept_to_itself(operations, names)):
            continue
        link = _held(function, made, operations, names)
        if link is None:
            continue
        ends = _ends_a_unit(function, operations, 0) if ends is None else ends
        if not ends:
            return
        name = min((n for n in names if n[0] != "%"), default="")
        yield Orphan(made.op, name, made.model, link.attribute, link.reverse, made.there)


def _ends_a_unit(function: Function, operations: list[Operation], depth: int) -> bool:
    """Something is flushed or committed here: by a call, by the end of a block, or by a function or
    context manager of the project."""
    for o in operations:
        op = o.op
        if op.do == "enter" and o.result.name in _SESSIONS and o.result.traits & _COMMITTED:
            return True
        if op.do != "call":
            continue
        if o.on.name in _SESSIONS:
            if op.name in _ENDING or op.name in _BEGINNING or o.on.traits & _COMMITTED:
                return True
        elif depth < DEPTH:
            callee = _callee(function, o)
            if callee is not None and _ends_a_unit(callee, list(callee.operations()), depth + 1):
                return True
    return False


def _callee(function: Function, o: Operation) -> Function | None:
    """The function of the project that is called."""
    callee = called(function.project.knowledge, o.op, o.on)
    typed = function.project.typed.get(callee.label) if callee.name in FUNCTIONS else None
    return function.of(typed) if typed is not None else None


def _new(function: Function, operations: list[Operation]) -> Iterator[_Made]:
    """The objects that a function makes, or that functions make which it calls, with what they are
    linked to from the start."""
    for o in operations:
        op, made = o.op, o.result
        if op.do != "call":
            continue
        if op.name is None and o.on.name == kinds.MAPPED_CLASS:
            if made.name != kinds.ENTITY or "queried" in made.traits or op.dst is None:
                continue
            if not _adds_itself(function, made.label):
                given = [
                    (a.keyword, a.value, k) for a, k in zip(op.args, o.arg_kinds, strict=False)
                ]
                yield _Made(op, made.label, tuple(_links(function, made.label, given)), None, False)
        elif kinds.ENTITY in (o.on.name, *(kind.name for kind in o.arg_kinds)):
            there = _callee(function, o)
            passed = _passed(function, o, there) if there is not None else {}
            for one in _made_for_callers(there) if there is not None else ():
                links = tuple(
                    link._replace(value=passed[link.value][0], kind=passed[link.value][1])
                    for link in one.links
                    if link.value in passed
                )
                note = one.there
                if note is not None and there is not None:
                    note = note._replace(path=elsewhere(function, there.typed.module.path))
                yield _Made(op, one.model, links, note, one.gone)


def _made_for_callers(there: Function) -> tuple[_Made, ...]:
    """What a function makes that hangs on one of its parameters, and that it gives or forgets."""
    known = cast("dict[str, tuple[_Made, ...]]", there.project.memo.setdefault(__name__, {}))
    if there.label not in known:
        known[there.label] = ()  # it may call itself
        decorators = there.project.knowledge.decorators.get(there.label, ())
        if not there.is_generator and all(one.label in _BOUND for one in decorators):
            known[there.label] = tuple(_hanging(there))
    return known[there.label]


def _hanging(there: Function) -> Iterator[_Made]:
    operations = list(there.operations())
    params = {param.name for param in there.typed.function.params}
    params -= {o.op.dst for o in operations if o.op.dst is not None}
    for made in _new(there, operations):
        names = _names(operations, made)
        if names is None:
            continue
        given = not made.gone and _is_given(operations, names)
        if not made.gone and not given and not _is_kept_to_itself(operations, names):
            continue
        links = tuple(
            link
            for link in (*made.links, *_linked(there, made.model, operations, names))
            if link.value in params and not _is_taken(there, operations, link.value, made.op)
        )
        if links:
            note = Note(f"the `{class_name(made.model)}` is made here", made.op.at)
            yield _Made(made.op, made.model, links, note, made.gone or not given)


def _passed(
    function: Function, o: Operation, there: Function
) -> dict[Operand, tuple[Operand, Kind]]:
    """What the parameters of a function are given by a call, the object of a method included."""
    knowledge = function.project.knowledge
    callee = called(knowledge, o.op, o.on)
    passed: dict[Operand, tuple[Operand, Kind]] = {
        name: (arg.value, kind)
        for (arg, name), kind in zip(parameters(knowledge, o.op, callee), o.arg_kinds, strict=False)
        if name is not None
    }
    params = there.typed.function.params
    if callee.name == "METHOD" and o.on.name == kinds.ENTITY and params and o.op.on is not None:
        passed.setdefault(params[0].name, (o.op.on, o.on))
    return passed


def _adds_itself(function: Function, label: str) -> bool:
    """The constructor of a mapped class hands the object to something."""
    project = function.project
    for info in project.knowledge.classes.ancestry(label):
        entry = project.knowledge.functions.get(info.methods.get("__init__", ""))
        if entry is not None and entry[1].params:
            own = entry[1].params[0].name
            return any(
                arg.value == own
                for block in entry[1].blocks
                for op in block.ops
                if op.do in ("call", "setattr", "setitem", "pack")
                for arg in op.args
            )
    return False


def _names(operations: list[Operation], made: _Made) -> set[Place] | None:
    """The names of an object; None when one of them may be another object, too."""
    if made.gone or made.op.dst is None:
        return set()
    names = {made.op.dst}
    for o in operations:
        if o.op.do in _NAMING and o.op.on in names and o.op.dst is not None:
            names.add(o.op.dst)
    bound = [o.op for o in operations if o.op.dst in names]
    return names if len(bound) == len(names) else None


def _is_kept_to_itself(operations: list[Operation], names: set[Place]) -> bool:
    """Nothing but reads and writes of its own attributes is done with it."""
    for o in operations:
        op = o.op
        if any(arg.value in names for arg in op.args):
            return False
        if op.on in names and op.do not in _OWN:
            return False
    return True


def _is_given(operations: list[Operation], names: set[Place]) -> bool:
    """The caller gets it, and nobody else."""
    others = [o for o in operations if o.op.do != "return"]
    return len(others) < len(operations) and (
        _is_kept_to_itself(others, names)
        and all(o.op.on in names for o in operations if o.op.do == "return")
    )


def _links(
    function: Function, model: str, given: list[tuple[str | None, Operand, Kind]]
) -> Iterator[_Link]:
    """Those that have another side, from which the object is reached."""
    for name, value, kind in given:
        attribute = mapped(function.project, model, name) if name is not None else None
        relation = attribute.relation if attribute is not None else None
        if name is None or relation is None or relation.many is not False:
            continue
        if relation.reverse:
            yield _Link(name, relation.reverse, value, kind)


def _linked(
    function: Function, model: str, operations: list[Operation], names: set[Place]
) -> Iterator[_Link]:
    """By an assignment."""
    given = [
        (o.op.name, o.op.args[-1].value, o.arg_kinds[-1])
        for o in operations
        if o.op.do == "setattr" and o.op.on in names and o.arg_kinds and o.op.args
    ]
    yield from _links(function, model, given)


def _held(
    function: Function, made: _Made, operations: list[Operation], names: set[Place]
) -> _Link | None:
    """The first link to an object of the session, which is not added once more afterwards: that
    takes along what its loaded collections have."""
    for link in (*made.links, *_linked(function, made.model, operations, names)):
        if link.kind.name != kinds.ENTITY or "queried" not in link.kind.traits:
            continue
        if not _is_taken(function, operations, link.value, made.op):
            return link
    return None


def _is_taken(function: Function, operations: list[Operation], place: Operand, but: Op) -> bool:
    """A session gets an object, or something of which that is not known."""
    for o in operations:
        op = o.op
        if op.do != "call" or op is but or all(arg.value != place for arg in op.args):
            continue
        if op.name in _TAKING and (o.on.name in _SESSIONS or not o.on.known):
            return True
        if o.on.name in (NAME, FOREIGN, kinds.MAPPED_CLASS) or o.on.name in _SESSIONS:
            continue
        there = _callee(function, o)
        if there is not None and not there.typed.present.isdisjoint(_SESSIONS):
            code = there.typed.function
            if any(op.name in _TAKING for block in code.blocks for op in block.ops):
                return True
    return False
