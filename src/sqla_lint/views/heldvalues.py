"""What the methods of a helper object change in place of what the object was made with: the value
of a column, or a mapped object that has it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Function as Code
from sqla_lint.ir import Op, Operand, Place
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.kind import Kind
from sqla_lint.views.beside import makers
from sqla_lint.views.function import Function, Operation
from sqla_lint.views.handedvalues import (
    STATING,
    Handed,
    HandedChange,
    follow_in,
    is_telling,
)
from sqla_lint.views.once import per_project
from sqla_lint.views.paths import Note

# Methods of one object call each other so often at the most.
DEPTH = 3


class _Change(NamedTuple):
    """A change in place that a method makes of ``path``, an attribute of its object or of what
    that holds: `.report`, `.job.report`."""

    path: str
    handed: Handed
    module: str


def helper_changes(function: Function, operation: Operation) -> Iterator[HandedChange]:
    """What a call of a method changes of what its object was made with in this function."""
    op, on = operation.op, operation.on
    if on.name != kinds.INSTANCE or op.name is None or not isinstance(op.on, str):
        return
    changes = _of_method(function, on.label, op.name)
    if not changes:
        return
    made = list(makers(function, op.on))
    if len(made) != 1 or made[0][2].do != "call" or made[0][2].name is not None:
        return
    number, i, maker, arg_kinds = made[0]
    of = function.typed.on[number][i]
    if of.name != kinds.CLASS or of.label != on.label or len(arg_kinds) != len(maker.args):
        return
    given = {arg.value: kind for arg, kind in zip(maker.args, arg_kinds, strict=True)}
    kept = _kept(function, maker, of)
    read_here = {f"{op.on}.{name}" for name in kept}.intersection(function.readers)
    for change in changes:
        attribute, _, inner = change.path[1:].partition(".")
        if f"{op.on}.{attribute}" in read_here:
            continue  # what is done with it then is not looked at
        value, rest = kept.get(attribute, ("", ""))
        read = rest or inner
        if not value or change.handed.change is None or (rest and inner):
            continue
        path = change.module if change.module != function.typed.module.path else ""
        note = Note("changed here", change.handed.change.at, path)
        if not read:
            yield HandedChange(value, change.handed.nested, note)
        elif given[value].name == kinds.ENTITY:
            yield HandedChange(f"{value}.{read}", change.handed.nested, note, given[value])


def _kept(function: Function, maker: Op, of: Kind) -> dict[str, tuple[Place, str]]:
    """Attribute → the argument that it keeps, or of which it keeps an attribute."""
    knowledge = function.project.knowledge
    init = called(knowledge, maker, of)
    if any(arg.star for arg in maker.args):
        return {}
    if init.name == kinds.CLASS:
        fields: tuple[str, ...] = knowledge.ask("fields", of.label)
        pairs = zip(maker.args, fields, strict=False)
        return {
            arg.keyword or name: (arg.value, "")
            for arg, name in pairs
            if isinstance(arg.value, str)
        }
    entry = knowledge.functions.get(init.label)
    if entry is None or not entry[1].params:
        return {}
    stored = _stored(entry[1])
    found: dict[str, tuple[Place, str]] = {}
    for arg, parameter in parameters(knowledge, maker, init):
        for name, (place, read) in stored.items():
            if place == parameter and isinstance(arg.value, str):
                found[name] = (arg.value, read)
    return found


def _stored(init: Code) -> dict[str, tuple[Place, str]]:
    """Attribute → the parameter that a constructor binds it to, or of which it binds it to an
    attribute; in its text once and for all."""
    ops = [op for block in init.blocks for op in block.ops]
    own = init.params[0].name
    bound = {op.dst for op in ops if op.do not in ("getattr", "setattr")}
    means: dict[Operand | None, tuple[Place, str]] = {
        param.name: (param.name, "") for param in init.params[1:] if param.name not in bound
    }
    found: dict[str, tuple[Place, str]] = {}
    several: set[str] = set()
    for op in ops:
        if op.do == "getattr" and op.on in means and not means[op.on][1] and op.name:
            means[op.dst] = (means[op.on][0], op.name)
        elif op.do == "move" and op.on in means and op.dst is not None:
            means[op.dst] = means[op.on]
        elif op.do == "boolop" and op.name == "or" and op.args[0].value in means:
            means[op.dst] = means[op.args[0].value]  # `job.report or {}`
        elif op.do == "setattr" and op.on == own and op.name is not None:
            if op.name in found:
                several.add(op.name)
            found[op.name] = means.get(op.args[0].value, ("", ""))
    return {name: one for name, one in found.items() if one[0] and name not in several}


def _of_method(function: Function, label: str, name: str) -> tuple[_Change, ...]:
    """What a method of a class changes in place of what its object keeps; nothing where a method of
    the class tells a session, or binds what is changed to something else."""
    known = _known(function)
    if (label, name) not in known:
        known[label, name] = tuple(_changes(function, label, name, DEPTH))
    return known[label, name]


@per_project
def _known(function: Function) -> dict[tuple[str, str], tuple[_Change, ...]]:
    """What has been asked: class and method → what it changes."""
    return {}


def _changes(function: Function, label: str, name: str, depth: int) -> Iterator[_Change]:
    knowledge = function.project.knowledge
    method = knowledge.classes.method(label, name)
    entry = knowledge.functions.get(method or "")
    if method is None or entry is None or not depth or knowledge.decorators.get(method):
        return
    module, code = entry
    if code.is_generator or not code.params:
        return
    own = code.params[0].name
    ops = [op for block in code.blocks for op in block.ops]
    for place in dict.fromkeys(op.dst for op in ops if op.do == "getattr"):
        if place is None or not place.startswith(f"{own}.") or place.count(".") > 2:
            continue
        path = place[len(own) :]
        handed = follow_in(function, method, code, place)
        if handed.change is not None and not _is_bound(function, label, path):
            yield _Change(path, handed, module.path)
    for op in ops:
        if op.do == "call" and op.on == own and op.name and op.name != name:
            yield from _changes(function, label, op.name, depth - 1)


def _is_bound(function: Function, label: str, path: str) -> bool:
    """A method other than the constructor binds what is changed, tells the session, or gives it
    away: to a statement, or to its caller."""
    knowledge = function.project.knowledge
    names = set(path[1:].split("."))
    for info in knowledge.classes.ancestry(label):
        for method in info.methods.values():
            entry = knowledge.functions.get(method)
            if entry is None:
                continue
            if is_telling(entry[1]):
                return True
            own = entry[1].params[0].name if entry[1].params else ""
            init = method.endswith(".__init__")
            for op in (op for block in entry[1].blocks for op in block.ops):
                binds = op.do == "setattr" and not (init and op.on == own)
                if binds and op.name in names:
                    return True
                if op.do == "return" and op.on == own + path:
                    return True
                given = op.do == "call" and any(arg.value == own + path for arg in op.args)
                if given and op.name in STATING:
                    return True
    return False
