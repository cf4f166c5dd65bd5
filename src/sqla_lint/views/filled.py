"""Calls that set attributes of an object and do nothing else with it: by a function of the project
that is given the object, or by a method of its class."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.flow.attributes import mapped
from sqla_lint.flow.reads import ANY, Reads
from sqla_lint.flow.root import Position
from sqla_lint.ir import Place
from sqla_lint.views.entities import reader
from sqla_lint.views.function import Function

_NOTHING = Reads(closed=False)


def only_fills(function: Function, at: Position, place: Place) -> bool:
    """A call does no more with an object than to read it and to set attributes of it."""
    reads = _reads(function, at, place)[0]
    return reads.closed and not reads.adds


def fills(function: Function, at: Position, place: Place) -> bool:
    """Such a call that changes the row of the object."""
    reads, model = _reads(function, at, place)
    if not reads.closed or reads.adds or not reads.sets:
        return False
    found = [mapped(function.project, model, name) for name in reads.sets - {ANY}]
    roles = {one.role for one in found if one is not None}
    return "relationship" not in roles and (ANY in reads.sets or "column" in roles)


def _reads(function: Function, at: Position, place: Place) -> tuple[Reads, str]:
    """What a call does with an object, and its class."""
    op, (number, i) = function.op(at), at
    on, given = function.typed.on[number][i], function.typed.args[number][i]
    if op.do != "call" or len(given) != len(op.args):
        return _NOTHING, ""
    summaries = reader(function).summaries
    passed = [kind for arg, kind in zip(op.args, given, strict=True) if arg.value == place]
    if op.on == place and on.name == kinds.ENTITY and op.name is not None:
        method = function.project.knowledge.classes.method(on.label, op.name)
        if method is not None and not passed:
            return summaries.of_self(method, on.label), on.label
    elif len(passed) == 1 and passed[0].name == kinds.ENTITY:
        model = passed[0].label
        return summaries.by_call(op, on, place, model), model
    return _NOTHING, ""
