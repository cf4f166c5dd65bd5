"""Relationships with `lazy="dynamic"`: their value is a query, not a collection."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.flow.attributes import mapped
from sqla_lint.ir import Operand
from sqla_lint.project.kind import Kind
from sqla_lint.project.mapping import Relationship
from sqla_lint.views.function import Operation


def dynamic_value(operation: Operation, operand: Operand | None) -> Relationship | None:
    """The dynamic relationship whose value an operand is, read off an object just before."""
    made = operation.function.reader_of(operand)
    if made is None or made.on.name != kinds.ENTITY:
        return None
    found = mapped(operation.function.project, made.on.label, made.op.name or "")
    return _if_dynamic(found.relationship if found is not None else None)


def dynamic_attribute(operation: Operation, kind: Kind) -> Relationship | None:
    """The dynamic relationship that `Model.attribute` names."""
    owner, _, name = kind.label.rpartition(".")
    model = operation.model_named(owner) if "relationship" in kind.traits else None
    if model is None:
        return None
    attribute = operation.function.project.models.attribute(model, name)
    return _if_dynamic(attribute.relationship if attribute is not None else None)


def _if_dynamic(relation: Relationship | None) -> Relationship | None:
    return relation if relation is not None and relation.lazy == "dynamic" else None
