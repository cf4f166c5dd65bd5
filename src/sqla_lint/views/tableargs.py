"""Constraints of mixins that a class with `__table_args__` of its own does not get."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.ir import Ref
from sqla_lint.project.kind import class_name
from sqla_lint.project.mapping import Attribute, Model
from sqla_lint.project.values import Value
from sqla_lint.views.project import Project

_NAME = "__table_args__"
_CONSTRAINTS = frozenset(
    {"UniqueConstraint", "CheckConstraint", "Index", "ForeignKeyConstraint", "ExcludeConstraint"}
    | {"PrimaryKeyConstraint"}
)


class Lost(NamedTuple):
    """A constraint of a mixin that is not made for a class."""

    mixin: str
    library: str
    columns: tuple[str, ...]
    at: Ref
    path: str


def lost_constraints(project: Project, model: Model, own: Attribute) -> Iterator[Lost]:
    """The first constraint of the first mixin whose `__table_args__` a class replaces."""
    given = _value(project, own)
    if given is None or given.do not in ("tuple", "dict") or _uses_others(project, own, given):
        return
    here = [_columns(one) for one in _items(given)]
    for label in model.mixins:
        mixin = project.models.mixins.get(label)
        args = next((a for a in mixin.attributes if a.name == _NAME), None) if mixin else None
        value = _value(project, args) if args is not None else None
        if args is None or value is None:
            continue
        for one in _items(value):
            columns = _columns(one)
            if columns not in here:
                name = class_name(label)
                yield Lost(name, one.library, columns, args.at, args.path)
                return


def _value(project: Project, attribute: Attribute) -> Value | None:
    """What it is, or what its `declared_attr` returns."""
    if not attribute.declared:
        return attribute.value
    return project.models.scopes.returned(attribute.function) if attribute.function else None


def _items(value: Value) -> list[Value]:
    return [one for one in value.args if one.do == "call" and one.library in _CONSTRAINTS]


def _columns(one: Value) -> tuple[str, ...]:
    """The columns of a constraint, as far as they are named by strings."""
    names = one.args[1:] if one.library == "Index" else one.args
    if one.library == "CheckConstraint":
        return ()
    return tuple(name.text for name in names if name.text is not None)


def _uses_others(project: Project, own: Attribute, value: Value) -> bool:
    """Something of it is not written here: it may take those of its bases in."""
    if any(one.do not in ("call", "dict") for one in value.args) and value.do == "tuple":
        return True
    function = project.function(own.function) if own.function else None
    return function is not None and any(
        op.name == _NAME or "super" in (op.on, op.name)
        for block in function.blocks
        for op in block.ops
    )
