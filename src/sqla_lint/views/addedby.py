"""Functions of the project that add what they are given to a session: to which one."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.catalog import kinds
from sqla_lint.flow.root import Position
from sqla_lint.ir import Op, Operand, Place, Ref
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.kind import FUNCTIONS, Kind
from sqla_lint.views.beside import original
from sqla_lint.views.function import Function
from sqla_lint.views.paths import Note

_ADDING = frozenset({"add", "add_all"})


def added_by_helper(
    function: Function, op: Op, on: Kind, position: Position
) -> Iterator[tuple[Operand, Place, Note]]:
    """What a call adds to a session that is made here, by the function that is called, or by the
    object whose method it is; with a name of that session, and where it is added."""
    knowledge = function.project.knowledge
    callee = called(knowledge, op, on)
    typed = function.project.typed.get(callee.label) if callee.name in FUNCTIONS else None
    if typed is None or typed.function.is_generator or typed.function.decorators:
        return
    there = function.of(typed)
    number, i = position
    arg_kinds = function.typed.args[number][i]
    given = {
        name: (arg.value, kind)
        for (arg, name), kind in zip(parameters(knowledge, op, callee), arg_kinds, strict=False)
        if name is not None
    }
    path = typed.module.path if typed.module is not function.typed.module else ""
    own = typed.function.params[0].name if callee.name == "METHOD" and typed.function.params else ""
    for name, (value, _) in given.items():
        for session, kind, at in _sessions(there, name):
            note = Note("added here", at, path)
            head, _, attribute = session.partition(".")
            passed = given.get(session)
            if passed is not None:
                local = passed[1].name == kinds.SESSION and passed[1].owner == "local"
                if local and isinstance(passed[0], str) and passed[0][0] != "%":
                    yield value, original(function, passed[0]), note
            elif own and head == own and attribute and isinstance(op.on, str):
                if keeps_own(function, callee.label, session):
                    yield value, f"{op.on}.{attribute}", note
            elif kind.owner == "local" and "." not in session:
                yield value, f"{callee.label.rpartition(':')[2]}()", note


def _sessions(there: Function, parameter: Place) -> Iterator[tuple[Place, Kind, Ref]]:
    """The sessions to which a function adds a parameter, by its own names."""
    if any(op.dst == parameter for _, _, op in there.positions):
        return
    for number, i, op in there.call_positions:
        on = there.typed.on[number][i]
        if op.name not in _ADDING or on.name != kinds.SESSION or not isinstance(op.on, str):
            continue
        if op.name == "add" and any(arg.value == parameter for arg in op.args):
            yield original(there, op.on), on, op.at


def keeps_own(function: Function, method: str, session: Place) -> bool:
    """The object of a method has made the session that it keeps, and nobody else puts one there."""
    name = session.rpartition(".")[2]
    owner = method.rpartition(".")[0]
    found = False
    for info in function.project.knowledge.classes.ancestry(owner):
        for label in info.methods.values():
            typed = function.project.typed.get(label)
            for number, block in enumerate(typed.function.blocks if typed is not None else ()):
                for i, op in enumerate(block.ops):
                    if op.do != "setattr" or op.name != name or op.on != "self":
                        continue
                    kinds_given = typed.args[number][i] if typed is not None else ()
                    made = [kind for kind in kinds_given if kind.name == kinds.SESSION]
                    if len(made) != 1 or made[0].owner != "local":
                        return False
                    found = True
    return found
