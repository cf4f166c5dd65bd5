"""Objects that a function of the project merges, whose caller goes on with what it has handed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, cast

from sqla_lint.catalog import kinds
from sqla_lint.flow.attributes import mapped
from sqla_lint.flow.root import Position
from sqla_lint.ir import Op, Operand, Place
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.kind import FOREIGN, FUNCTIONS, NAME, Kind
from sqla_lint.views.filled import fills, only_fills
from sqla_lint.views.function import Function
from sqla_lint.views.newlymade import is_newly_made
from sqla_lint.views.origins import changed_after, thrown_away
from sqla_lint.views.paths import Note, elsewhere
from sqla_lint.ways import passes_by

_SESSIONS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION})
_BOUND = frozenset({"builtins.classmethod", "builtins.staticmethod"})


class MergedThere(NamedTuple):
    """``statement`` is the call, or its await; ``callee`` as the program writes it; ``later`` what
    is done with the argument as if it were the merged object."""

    statement: Op
    entity: Place
    callee: str
    later: Op
    there: Note


class _Merge(NamedTuple):
    """What a function merges of its parameters, and where; ``gives`` when it returns the result."""

    at: Note
    gives: bool


def merged_there(function: Function) -> Iterator[MergedThere]:
    """New objects that another function merges, and that are changed afterwards."""
    if kinds.ENTITY not in function.typed.present:
        return
    for number, i, op in function.call_positions:
        for (value, kind), merge in _merges(function, op, (number, i)):
            if kind.name != kinds.ENTITY or not isinstance(value, str):
                continue
            statement = thrown_away(function, op) if merge.gives else op
            if statement is None or not value.isidentifier():
                continue
            later = changed_after(function, (number, i), value)
            if later is None or not _is_mapped(function, later, value, kind.label):
                continue
            if _is_merged_after(function, later, value) or not is_newly_made(function, value, op):
                continue
            callee = f"{op.on}.{op.name}" if op.name else str(op.on)
            yield MergedThere(statement, value, callee, later, merge.at)


def _merges(
    function: Function, op: Op, position: Position
) -> Iterator[tuple[tuple[Operand, Kind], _Merge]]:
    """The arguments of a call that are merged by what it calls."""
    number, i = position
    knowledge = function.project.knowledge
    callee = called(knowledge, op, function.typed.on[number][i])
    typed = function.project.typed.get(callee.label) if callee.name in FUNCTIONS else None
    if typed is None or typed.function.is_generator or callee.label == function.label:
        return
    found = _merged_by(function.of(typed))
    args = function.typed.args[number][i]
    for (arg, name), kind in zip(parameters(knowledge, op, callee), args, strict=False):
        if name in found:
            merge = found[name]
            path = elsewhere(function, merge.at.path or typed.module.path)
            yield (arg.value, kind), merge._replace(at=merge.at._replace(path=path))


def _merged_by(there: Function) -> dict[str, _Merge]:
    """The parameters that a function merges on every normal way, by their names; none that it does
    anything else with by which they come into a session."""
    known = cast("dict[str, dict[str, _Merge]]", there.project.memo.setdefault(__name__, {}))
    if there.label not in known:
        known[there.label] = {}  # it may call itself
        decorators = there.project.knowledge.decorators.get(there.label, ())
        if all(one.label in _BOUND for one in decorators):
            known[there.label] = dict(_merging(there))
    return known[there.label]


def _merging(there: Function) -> Iterator[tuple[str, _Merge]]:
    bound = {op.dst for _, _, op in there.positions}
    params = {param.name for param in there.typed.function.params} - bound
    for number, i, op in there.call_positions:
        if op.name == "merge" and there.typed.on[number][i].name in _SESSIONS and op.args:
            note = Note("merged here", op.at, there.typed.module.path)
            merges = [(op.args[0].value, note, False)]
        else:
            inner = list(_merges(there, op, (number, i)))
            merges = [(value, merge.at, merge.gives) for (value, _), merge in inner]
        for value, note, gives in merges:
            if value not in params or passes_by(there.typed.function, {number}):
                continue
            if thrown_away(there, op) is not None:
                yield str(value), _Merge(note, False)
            elif _is_returned(there, op) and not gives:
                yield str(value), _Merge(note, True)


def _is_returned(there: Function, op: Op) -> bool:
    """What it gives is all that the function returns, and nothing is written into it."""
    names: set[Operand | None] = {op.dst}
    for o in there.operations():
        if o.op.do in ("move", "await") and o.op.on in names:
            names.add(o.op.dst)
    returned = [o.op.on for o in there.operations() if o.op.do == "return"]
    return bool(returned) and all(one in names for one in returned)


def _is_mapped(function: Function, later: Op, entity: Place, model: str) -> bool:
    """What is changed is written with the object."""
    if fills(function, cast("Position", function.position(later)), entity):
        return True
    if later.do == "setattr":
        return mapped(function.project, model, later.name or "") is not None
    if later.name is None:
        return True  # setattr()
    return mapped(function.project, model, str(later.on).rpartition(".")[2]) is not None


def _is_merged_after(function: Function, later: Op, entity: Place) -> bool:
    """The change is merged, too: the object is handed to somebody else before it is bound anew."""
    blocks = function.typed.function.blocks
    number, i = cast("Position", function.position(later))
    waiting, seen = [(number, i + 1)], set[int]()
    while waiting:
        number, begin = waiting.pop()
        ends = False
        for j, op in enumerate(blocks[number].ops[begin:], begin):
            if op.dst == entity:
                ends = True
                break
            handed = op.do == "call" and any(arg.value == entity for arg in op.args)
            elsewhere_too = handed and function.typed.on[number][j].name not in (NAME, FOREIGN)
            if elsewhere_too and not only_fills(function, (number, j), entity):
                return True
        for edge in () if ends else blocks[number].edges:
            if edge.to not in seen:
                seen.add(edge.to)
                waiting.append((edge.to, 0))
    return False
