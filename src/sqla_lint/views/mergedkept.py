"""Objects of a merge() whose result is thrown away, which a container keeps for later."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.flow.root import Position
from sqla_lint.ir import Op, Operand, Place
from sqla_lint.views.calling import calls
from sqla_lint.views.function import Function, Note
from sqla_lint.views.origins import changed_after, discarded_merges, merged
from sqla_lint.ways import leads

_PUTTING = frozenset({"append", "add", "appendleft"})
_GIVING = frozenset({"get", "pop", "popleft", "popitem"})
_LOOKING = frozenset({"getattr", "test", "compare", "format"})
# Containers of the interpreter: whoever puts into a relationship makes it part of a session.
_PLAIN = frozenset({kinds.DICT, kinds.LIST, kinds.SET})
_MEASURING = frozenset({"builtins.bool", "builtins.len", "builtins.print"})
_LEAVING = frozenset({"return", "yield", "move", "closure"})
_OF_ALL = frozenset({"values", "copy"})


class Kept(NamedTuple):
    """A merge whose argument a container keeps: `seen[user.name] = user`, and what changes it when
    it has been taken out of there."""

    entity: Place
    statement: Op
    place: Place
    change: Note


def merged_and_kept(function: Function) -> Iterator[Kept]:
    """Merges of new objects that are changed where a container of the function, or of its object,
    gives them back: nobody else gets them, and nothing else is in it."""
    told = {id(one.statement) for one in merged(function)}
    for call, statement, position, entity in discarded_merges(function):
        if id(statement) in told or not _is_new(function, position, entity):
            continue
        put = _put(function, entity)
        known = (call.op, put) if put is not None else ()
        if put is None or not _is_given_to_nobody(function, known, entity):
            continue
        place, model = str(put.on), call.arg_kinds[0].label
        given = [
            (user, at, name)
            for user in _users(function, place, put)
            for at, name in _elements(user, place, model)
        ]
        if any(_is_handed_on(user, at, name, known) for user, at, name in given):
            continue
        changes = (changed_after(user, at, name) for user, at, name in given)
        change = next((op for op in changes if op is not None), None)
        if change is not None:
            yield Kept(entity, statement, place, Note("changed here", change.at))


def _is_new(function: Function, merge: Position, entity: Place) -> bool:
    """A constructor gives what the name holds where it is merged, in the same block."""
    number, i = merge
    before = function.typed.function.blocks[number].ops[:i]
    bound = next((op for op in reversed(before) if op.dst == entity), None)
    made = function.maker(bound.on) if bound is not None and bound.do == "move" else None
    return made is not None and made.op.do == "call" and made.on.name == kinds.MAPPED_CLASS


def _put(function: Function, entity: Place) -> Op | None:
    """The one operation that puts it into a plain container."""
    found = [
        operation.op
        for operation in function.operations()
        if operation.on.name in _PLAIN
        and _puts(operation.op)
        and operation.op.args[-1].value == entity
    ]
    on = str(found[0].on) if len(found) == 1 else ""
    plain = on.removeprefix("self.").isidentifier()
    return found[0] if plain else None


def _puts(op: Op) -> bool:
    if op.do == "setitem":
        return True
    return op.do == "call" and op.name in _PUTTING and len(op.args) == 1


def _is_given_to_nobody(function: Function, known: tuple[Op, ...], entity: Place) -> bool:
    for op in function.readers.get(entity, ()):
        if any(op is one for one in known) or op.do in _LOOKING or op.do == "setattr":
            continue
        if op.do != "return" or not _is_thrown_away(function):
            return False
    return True


def _is_thrown_away(function: Function) -> bool:
    """Whoever calls the function has no use for what it returns."""
    callers = calls(function).get(function.label, ())
    return bool(callers) and all(
        function.of(function.project.typed[label]).op(position).discarded
        for label, position in callers
    )


def _users(function: Function, place: Place, put: Op) -> tuple[Function, ...]:
    """The functions that see the container, if nothing else is put into it, and nobody else gets
    it: () otherwise."""
    if not place.startswith("self."):
        users: list[Function] = [function]
    else:
        label = f"{function.typed.module.name}:{function.typed.function.parent}"
        info = function.project.knowledge.classes.get(label)
        typed = function.project.typed
        labels = info.methods.values() if info is not None else ()
        users = [function.of(typed[one]) for one in labels if one in typed]
    return tuple(users) if all(_is_private(user, place, put) for user in users) else ()


def _is_private(user: Function, place: Place, put: Op) -> bool:
    for operation in user.operations():
        op = operation.op
        if op.dst == place and op.do not in ("getattr", "pack", "move", "setattr"):
            return False
        if op.do == "setattr" and op.dst == place:
            made = user.maker(op.args[-1].value)
            if made is None or made.op.do != "pack" or made.op.args:
                return False
        if op.on == place and _puts(op) and op is not put:
            return False
        given = any(arg.value == place for arg in op.args)
        looks = op.do == "call" and operation.on.label in _MEASURING
        if given and op.do not in ("compare", "format") and not looks:
            return False
        if op.on == place and op.do in ("return", "yield", "closure"):
            return False
    return True


def _elements(user: Function, place: Place, model: str) -> Iterator[tuple[Position, Place]]:
    """Where the container gives an object, and its name."""
    whole: set[Operand] = {place}
    whole |= {
        op.dst
        for _, _, op in user.positions
        if op.do == "call" and op.on == place and op.name in _OF_ALL and op.dst is not None
    }
    for number, i, op in user.positions:
        gives = op.on == place and (op.do == "getitem" or (op.do == "call" and op.name in _GIVING))
        gives = gives or (op.do == "next" and op.on in whole)
        kind = user.typed.dst[number][i]
        if gives and op.dst is not None and kind.name == kinds.ENTITY and kind.label == model:
            moved = (
                ((there, j), other.dst)
                for there, j, other in user.positions
                if other.do == "move" and other.on == op.dst and other.dst is not None
            )
            yield next(moved, ((number, i), op.dst))


def _is_handed_on(user: Function, at: Position, name: Place, known: tuple[Op, ...]) -> bool:
    """Somebody else gets the object afterwards, who may tell a session."""
    return any(
        all(op is not one for one in known)
        and (
            (op.do not in _LOOKING and any(arg.value == name for arg in op.args))
            or (op.on == name and op.do in _LEAVING)
        )
        and leads(user.typed.function, at, (number, i))
        for number, i, op in user.positions
    )
