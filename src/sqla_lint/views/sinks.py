"""What a value is written to, or compared with: attributes of mapped objects, and criteria."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Op, Place
from sqla_lint.project.allowed import never
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.definitions import Position
from sqla_lint.project.frames import Frame
from sqla_lint.project.kind import class_name
from sqla_lint.views.conditions import asked_before
from sqla_lint.views.function import Function
from sqla_lint.views.sql import reader

HELPERS = 2  # functions in functions that are handed the value

_CRITERIA = frozenset({"filter_by", "values"})
_STATEMENTS = frozenset({kinds.QUERY, kinds.SELECT, kinds.INSERT, kinds.UPDATE, kinds.DELETE})


class Sink(NamedTuple):
    """Where a value goes: ``use`` is ``AuditEntry.entity_id``, or "" of a criterion; ``ref`` the
    operation, in the file at ``path``."""

    use: str
    ref: int
    path: str


def sinks(function: Function, frame: Frame, read: Position) -> Iterator[Sink]:
    """What the value that is read at a position is written to, or compared with."""
    op = frame.op(read)
    if op.dst is not None and not asked_before(frame, read, op.dst):
        yield from _uses(function, frame, op.dst, read, HELPERS)


def _uses(
    function: Function, frame: Frame, place: Place, made: Position | None, depth: int
) -> Iterator[Sink]:
    for number, block in enumerate(frame.typed.function.blocks):
        for i, op in enumerate(block.ops):
            at = (number, i)
            if at == made or (op.on != place and all(a.value != place for a in op.args)):
                continue
            if place[0] != "%":
                found = frame.graph.definitions(place, at, never)
                mine = found.entry if made is None else made in found.positions
                if not mine:
                    continue
            if asked_before(frame, at, place):
                continue
            yield from _use(function, frame, place, at, op, depth)


def _use(
    function: Function, frame: Frame, place: Place, at: Position, op: Op, depth: int
) -> Iterator[Sink]:
    on, path = frame.typed.on[at[0]][at[1]], frame.typed.module.path
    if op.do == "move" and op.dst is not None:
        yield from _uses(function, frame, op.dst, at, depth)
    elif op.do == "setattr" and on.name == kinds.ENTITY and op.on != place:
        yield Sink(f"{class_name(on.label)}.{op.name}", op.at, path)
    elif op.do == "compare":
        other = frame.typed.args[at[0]][at[1]][0] if op.on == place else on
        if other.name == kinds.COLUMN_EXPR:
            yield Sink("", op.at, path)
    elif op.do == "call" and op.on != place:
        words = [arg.keyword for arg in op.args if arg.value == place]
        if on.name == kinds.MAPPED_CLASS and op.name is None and words[0]:
            if _is_related(frame, at, op):
                return
            yield Sink(f"{class_name(on.label)}.{words[0]}", op.at, path)
        elif on.name in _STATEMENTS and op.name in _CRITERIA and words[0]:
            yield Sink("", op.at, path)
        elif depth:
            yield from _handed(function, frame, place, at, op, depth)


def _is_related(frame: Frame, at: Position, op: Op) -> bool:
    """A relationship of the new object is set, too, which brings the key when it is flushed."""
    if any(kind.name == kinds.ENTITY for kind in frame.typed.args[at[0]][at[1]]):
        return True
    names = {op.dst}
    for number, block in enumerate(frame.typed.function.blocks):
        for i, one in enumerate(block.ops):
            if one.do == "move" and one.on in names:
                names.add(one.dst)
            given = any(arg.value in names for arg in one.args)
            if given and frame.typed.on[number][i].name in (kinds.COLLECTION, kinds.ENTITY):
                return True
            into = frame.typed.args[number][i]
            if one.do == "setattr" and one.on in names and into and into[0].name == kinds.ENTITY:
                return True
    return False


def _handed(
    function: Function, frame: Frame, place: Place, at: Position, op: Op, depth: int
) -> Iterator[Sink]:
    known = reader(function.project)
    callee = known.frames.callee(frame, at)
    if callee is None or known.origins.is_wrapped(callee.label):
        return
    knowledge = function.project.knowledge
    target = called(knowledge, op, frame.typed.on[at[0]][at[1]])
    for arg, name in parameters(knowledge, op, target):
        if arg.value == place and name is not None and not _is_tested(callee, name):
            yield from _uses(function, callee, name, None, depth - 1)


def _is_tested(frame: Frame, name: Place) -> bool:
    """The function asks whether there is a value."""
    ops = [op for block in frame.typed.function.blocks for op in block.ops]
    return any(
        (op.on == name and op.do in ("test", "ifelse"))
        or (op.do == "boolop" and any(arg.value == name for arg in op.args))
        for op in ops
    )
