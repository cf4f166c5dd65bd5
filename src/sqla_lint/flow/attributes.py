"""What the mapping says of one attribute of a model, as the flow of entities asks it."""

from __future__ import annotations

from typing import NamedTuple

from sqla_lint.project.linked import Project
from sqla_lint.project.mapping import Column, Model, Relation, Relationship

# What a loading strategy of `relationship(lazy=...)` means: loaded with its object; by the first
# read; or something else, which is not followed (dynamic, write_only, raise, noload).
_WITH_OBJECT = frozenset({"joined", "selectin", "subquery", "immediate", "False"})
_BY_READ = frozenset({"select", "True"})


class Mapped(NamedTuple):
    """A mapped attribute. ``load`` says when: "eager" with its object, "lazy" by the first read,
    "" for what is not followed."""

    name: str
    role: str  # column, relationship
    load: str
    many: bool | None = None
    target: str = ""  # label of the related model, as far as known
    column: Column | None = None
    relationship: Relationship | None = None
    relation: Relation | None = None


def mapped(project: Project, label: str, name: str) -> Mapped | None:
    """The attribute ``name`` of a model; None when it is no mapped attribute, or nobody knows."""
    model = project.models.of(label)
    if model is None or not model.complete or model.dynamic:
        return None
    attribute = project.models.attribute(model, name)
    if attribute is None:
        return None
    if attribute.role == "column" and attribute.column is not None:
        return _column(name, attribute.column)
    if attribute.role == "relationship" and attribute.relationship is not None:
        return _relationship(project, model, name, attribute.relationship)
    return None


def _column(name: str, column: Column) -> Mapped | None:
    if column.opaque:
        return None
    return Mapped(name, "column", "lazy" if column.deferred else "eager", column=column)


def _relationship(project: Project, model: Model, name: str, own: Relationship) -> Mapped | None:
    if own.opaque:
        return None
    relation = project.models.relation(model, name)
    load = "eager" if own.lazy in _WITH_OBJECT else "lazy" if own.lazy in _BY_READ else ""
    target = relation.target.label if relation is not None and relation.target is not None else ""
    many = relation.many if relation is not None else None
    return Mapped(name, "relationship", load, many, target, None, own, relation)


def is_mapped_column(project: Project, label: str, name: str) -> bool:
    """A column that is loaded with its object."""
    found = mapped(project, label, name)
    return found is not None and found.role == "column" and found.load == "eager"
