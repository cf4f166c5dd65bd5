"""Mapped classes of which a place may hold one or another: a parameter, or the `model` that each
subclass of a repository names."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.ir import Operand, Place
from sqla_lint.project.kind import Kind
from sqla_lint.views.function import Function, Operation
from sqla_lint.views.sql import CALLERS, reader

# What is one class here and another there, or None until a subclass gives it.
_SAYS_NOTHING = frozenset({kinds.MAPPED_CLASS, kinds.NONE, kinds.UNKNOWN})
_OWNERS = frozenset({kinds.CLASS, kinds.INSTANCE})


def classes_held(function: Function, place: Place) -> tuple[Kind, ...]:
    """The mapped classes that a place may hold; none when it may hold something else."""
    found = _of_attribute(function, place) if "." in place else _of_parameter(function, place)
    if not found or any(one.name != kinds.MAPPED_CLASS for one in found):
        return ()
    return tuple(dict.fromkeys(found))


def _of_parameter(function: Function, place: Place) -> list[Kind]:
    params = {param.name for param in function.typed.function.params}
    if place not in params or any(op.dst == place for _, _, op in function.positions):
        return []
    told = function.project.knowledge.told
    callers = reader(function.project).frames.callers(function.label, place)[:CALLERS]
    return [one.kind for one in callers if not told.is_test(one.frame.typed.module.path)]


def _of_attribute(function: Function, place: Place) -> list[Kind]:
    """``self.model``, which the classes below give: ``model = Invoice``."""
    read = function.reader_of(place)
    if read is None or read.on.name not in _OWNERS or read.op.name is None:
        return []
    classes, name = function.project.knowledge.classes, read.op.name
    own = classes.attribute(read.on.label, name)
    found = [info.attributes[name] for info in classes.keeping(read.on.label, name)]
    if own is not None and own.known:
        found.append(own)
    return [one for one in found if one.name != kinds.NONE]


def columns_of_any(function: Function, operand: Operand | None) -> tuple[Kind, ...]:
    """``self.model.paid_at``: the mapped column that it is of each class that has it."""
    read = function.reader_of(operand)
    found: list[Kind] = []
    for of in classes_read(read):
        model = function.project.models.of(of.label)
        name = read.op.name if read is not None else None
        attribute = function.project.models.attribute(model, name or "") if model else None
        if attribute is not None and attribute.column is not None:
            label = f"{of.label.rpartition(':')[2]}.{name}"
            found.append(Kind(kinds.COLUMN_EXPR, label=label, traits=frozenset({"mapped"})))
    return tuple(found)


def classes_read(read: Operation | None) -> tuple[Kind, ...]:
    """The classes one of which an attribute is read of, where what it is read of says nothing."""
    if read is None or read.op.do != "getattr" or not isinstance(read.op.on, str):
        return ()
    told = read.on.label if read.on.name == kinds.MAPPED_CLASS else ""
    if told or read.on.name not in _SAYS_NOTHING or read.op.on[0] == "%":
        return ()
    return classes_held(read.function, read.op.on)
