"""What a row has: the names of its elements, and the attributes of the entities in it."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.project.kind import Kind, class_name
from sqla_lint.views.function import Function

# What a Row has by itself.
_OWN = frozenset({"count", "index", "t", "tuple"})


def keys_of_row(row: Kind) -> frozenset[str] | None:
    """The attributes of a row; None when not all of them are known."""
    if not row.of:
        return None
    found = set(_OWN)
    for of in row.of:
        name = class_name(of.label)
        if of.name == kinds.COLUMN_EXPR and not name and "counts" in of.traits:
            name = "count"  # `func.count()` that nobody has named
        known = of.name in (kinds.MAPPED_CLASS, kinds.COLUMN_EXPR) and name and "[]" not in name
        if not known:
            return None
        found.add(name)
    return frozenset(found)


def has_attribute(function: Function, model: Kind, name: str) -> bool:
    """A mapped attribute, property or method of a model."""
    models = function.project.models
    found = models.of(model.label)
    if found is None or name.startswith("_"):
        return False
    attribute = models.attribute(found, name)
    return attribute is not None and attribute.role != "opaque"
