"""What functions of the project do in place with a value that they are given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.flow.attributes import read_as_attribute
from sqla_lint.ir import Const, Op, Operand, Place
from sqla_lint.ir import Function as Code
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.kind import FUNCTIONS, UNKNOWN, Kind
from sqla_lint.project.mentions import CHANGING
from sqla_lint.views.function import Function, Operation
from sqla_lint.views.once import per_project
from sqla_lint.views.paths import Note

# Whoever calls one of these tells the session.
FLAGS = frozenset({"flag_modified", "flag_dirty", "changed"})
# Calls of a statement or a session that send a value that they are given.
STATING = frozenset({"execute", "on_conflict_do_update", "scalar", "update", "values"})

_INNER = frozenset({"get", "setdefault", "values", "items"})
_PLAIN = frozenset({"builtins.classmethod", "builtins.staticmethod"})
_EMPTY = frozenset({"dict", "list", "set"})


class Handed(NamedTuple):
    """What a function does with a value: where it changes it first, whether that is something in
    it, and whether it gives the same object back on every way, or that or something in it."""

    change: Op | None = None
    nested: bool = False
    back: bool = False
    part: bool = False


class HandedChange(NamedTuple):
    """A call that changes what it is given. ``place``: the value, or the attribute of the object
    whose method is called, as ``entity.name``; ``of``: what that object is, when it is another."""

    place: Place
    nested: bool
    note: Note
    of: Kind = UNKNOWN


class Part(NamedTuple):
    """The value of an attribute of an object that a function gives, or something in it."""

    owner: Place
    of: Kind
    attribute: str
    nested: bool


def changed(op: Op) -> Operand | None:
    """What an operation changes in place."""
    if op.do == "setitem" or (op.do == "call" and op.name in CHANGING):
        return op.on
    if op.do == "augassign" and op.name in ("+=", "|="):
        return op.on
    return None


def changes_of(function: Function, operation: Operation) -> Iterator[HandedChange]:
    """What a call of a function of the project changes of its arguments, or of its object."""
    for place, inner, handed, path in _handed(function, operation):
        if handed.change is not None and inner is not None:
            note = Note("changed here", handed.change.at, path)
            yield HandedChange(inner, handed.nested, note)
        elif handed.change is not None:
            yield HandedChange(place, handed.nested, Note("changed here", handed.change.at, path))


def given_back(function: Function, operation: Operation) -> Place | None:
    """The argument that a call gives back, the same object."""
    back = [p for p, inner, handed, _ in _handed(function, operation) if handed.back and not inner]
    return back[0] if len(back) == 1 else None


def given_part(function: Function, operation: Operation) -> Part | None:
    """What a method or a property of a mapped object gives of the object, or a function that the
    object is handed to: `member.channels()`, `channels_of(member)`."""
    found = list(_given_parts(function, operation))
    return found[0] if len(found) == 1 else None


def _given_parts(function: Function, operation: Operation) -> Iterator[Part]:
    op, on, knowledge = operation.op, operation.on, function.project.knowledge
    owners: list[tuple[Place, Kind, Place]] = []
    label = ""
    if on.name == kinds.ENTITY and op.name is not None and isinstance(op.on, str):
        label = knowledge.classes.method(on.label, op.name) or ""
        if op.do == "getattr":
            label = read_as_attribute(knowledge, label) if label else ""
        entry = knowledge.functions.get(label)
        if entry is not None and entry[1].params:
            owners = [(op.on, on, entry[1].params[0].name)]
    elif op.do == "call":
        callee = called(knowledge, op, on)
        label = callee.label if callee.name in FUNCTIONS else ""
        if label in knowledge.functions:
            kinds_of = {
                arg.value: kind for arg, kind in zip(op.args, operation.arg_kinds, strict=False)
            }
            owners = [
                (arg.value, kinds_of[arg.value], parameter)
                for arg, parameter in parameters(knowledge, op, callee)
                if parameter is not None and isinstance(arg.value, str) and arg.value in kinds_of
                if kinds_of[arg.value].name == kinds.ENTITY
            ]
    for owner, of, own in owners:
        code = knowledge.functions[label][1]
        if code.is_generator or code.is_async or _is_decorated(function, label):
            continue
        for name in sorted(_attributes(code, own)):
            handed = follow_in(function, label, code, f"{own}.{name}")
            if handed.back or handed.part:
                yield Part(owner, of, name, handed.part)


def _is_decorated(function: Function, label: str) -> bool:
    """A decorator may make something else of what a function gives."""
    own = function.project.knowledge.decorators.get(label, ())
    return any(d.label not in _PLAIN | {"builtins.property"} for d in own)


def _handed(
    function: Function, operation: Operation
) -> Iterator[tuple[Place, Place | None, Handed, str]]:
    op, knowledge = operation.op, function.project.knowledge
    if op.do != "call":
        return
    entity = operation.on.name == kinds.ENTITY and op.name is not None
    callee = (
        knowledge.attribute(operation.on, op.name or "")
        if entity
        else called(knowledge, op, operation.on)
    )
    entry = knowledge.functions.get(callee.label) if callee.name in FUNCTIONS else None
    if entry is None or entry[1].is_generator or entry[1].is_async:
        return
    if any(d.label not in _PLAIN for d in knowledge.decorators.get(callee.label, ())):
        return
    module, code = entry
    path = module.path if module.name != function.typed.module.name else ""
    if entity and isinstance(op.on, str) and code.params:
        own = code.params[0].name
        for name in sorted(_attributes(code, own)):
            handed = follow_in(function, callee.label, code, f"{own}.{name}")
            yield op.on, f"{op.on}.{name}", handed, path
    for arg, parameter in parameters(knowledge, op, callee):
        if parameter is not None and isinstance(arg.value, str):
            yield arg.value, None, follow_in(function, callee.label, code, parameter), path


def _attributes(code: Code, own: Place) -> set[str]:
    """The attributes of its object that a method reads and never binds."""
    ops = [op for block in code.blocks for op in block.ops]
    bound = {op.name for op in ops if op.do == "setattr" and op.on == own}
    read = {op.name for op in ops if op.do == "getattr" and op.on == own}
    return {name for name in read - bound if name is not None}


def follow_in(function: Function, label: str, code: Code, place: Place) -> Handed:
    """What a function does in place with what one of its places holds."""
    known, key = _known(function), (label, place)
    if key not in known:
        known[key] = _follow(code, place)
    return known[key]


@per_project
def _known(function: Function) -> dict[tuple[str, Place], Handed]:
    """What has been asked: function and place → what it does there."""
    return {}


def is_telling(code: Code) -> bool:
    """In its text a function tells a session of a change."""
    return any(
        op.do == "call" and (op.name in FLAGS or str(op.on).rpartition(".")[2] in FLAGS)
        for block in code.blocks
        for op in block.ops
    )


def _follow(code: Code, start: Place) -> Handed:
    ops = [(number, op) for number, block in enumerate(code.blocks) for op in block.ops]
    if is_telling(code):
        return Handed()
    if start.partition(".")[0] in code.captures or start in code.globals:
        return Handed()
    same, inner = _names(code, ops, start)
    change, nested = None, False
    for _, op in ops:
        target = changed(op)
        if change is None and target in same | inner:
            change, nested = op, target in inner
    returns = [op.on for _, op in ops if op.do == "return"]
    back = bool(returns) and all(one in same for one in returns)
    given = [one for one in returns if one not in (None, Const(None))]
    part = bool(given) and not back and all(one in same | inner for one in given)
    return Handed(change, nested, back, part)


def _names(
    code: Code, ops: list[tuple[int, Op]], start: Place
) -> tuple[set[Operand | None], set[Operand | None]]:
    """The places that only ever hold the value, or an empty one in its stead, and those of what is
    in it."""
    bound: dict[Place, list[tuple[int, Op]]] = {}
    for number, op in ops:
        if op.dst is not None and op.do not in ("getattr", "setattr"):
            bound.setdefault(op.dst, []).append((number, op))
    same: set[Operand | None] = {start}
    inner: set[Operand | None] = set()
    for _ in range(2):  # names of a loop are bound after their first use
        for _, op in ops:
            if op.dst is None or op.do in ("getattr", "setattr"):
                continue
            if _leads(op, same):
                into = same
            elif _leads(op, inner) or _is_in(op, same | inner):
                into = inner
            else:
                continue
            if all(
                _leads(other, into | {op.dst}) or _is_empty(code, bound, number, other)
                for number, other in bound[op.dst]
                if other is not op
            ):
                into.add(op.dst)
    own = bound.get(start, [])
    if not all(_leads(op, same) or _is_empty(code, bound, n, op) for n, op in own):
        return set(), set()
    return same, inner


def _leads(op: Op, places: set[Operand | None]) -> bool:
    """The same object under another name, perhaps with another in its stead."""
    if op.do == "move":
        return op.on in places
    if op.do == "boolop" and op.name == "or":
        return op.args[0].value in places
    return op.do == "ifelse" and any(arg.value in places for arg in op.args)


def _is_in(op: Op, places: set[Operand | None]) -> bool:
    if op.on not in places:
        return False
    return op.do in ("getitem", "next", "unpack") or (op.do == "call" and op.name in _INNER)


def _is_empty(code: Code, bound: dict[Place, list[tuple[int, Op]]], number: int, op: Op) -> bool:
    """``if tags is None: tags = []``: where a test of the name has decided."""
    made = bound.get(str(op.on), []) if op.do == "move" else [(number, op)]
    empty = len(made) == 1 and made[0][1].do == "pack" and made[0][1].name in _EMPTY
    if op.do == "move" and op.on == Const(None):
        empty = True
    if not empty or (made and made[0][1].args):
        return False
    tests = [edge.test for b in code.blocks for edge in b.edges if edge.to == number]
    return len(tests) == 1 and tests[0] is not None and tests[0].place == op.dst
