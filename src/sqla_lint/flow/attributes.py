"""What the mapping says of one attribute of a model, as the flow of entities asks it."""

from __future__ import annotations

from typing import NamedTuple

from sqla_lint.project.kind import NAME
from sqla_lint.project.knowledge import Knowledge
from sqla_lint.project.linked import Project
from sqla_lint.project.mapping import Column, Model, Relation, Relationship
from sqla_lint.project.values import Value

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
    always: bool = False  # no option leaves it out: a key, or what tells heirs apart


def mapped(project: Project, label: str, name: str) -> Mapped | None:
    """The attribute ``name`` of a model; None when it is no mapped attribute, or nobody knows."""
    model = project.models.of(label)
    if model is None or not model.complete or model.dynamic:
        return None
    attribute = project.models.attribute(model, name)
    if attribute is None:
        return None
    if attribute.role == "column" and attribute.column is not None:
        return _column(project, model, name, attribute.column)
    if attribute.role == "relationship" and attribute.relationship is not None:
        return _relationship(project, model, name, attribute.relationship)
    return None


def _column(project: Project, model: Model, name: str, column: Column) -> Mapped | None:
    if column.opaque:
        return None
    load = "lazy" if column.deferred else "eager"
    always = column.primary_key is True or _may_tell_heirs_apart(project, model, name)
    return Mapped(name, "column", load, column=column, always=always)


def _may_tell_heirs_apart(project: Project, model: Model, name: str) -> bool:
    """`polymorphic_on` may name the column: no `load_only` or `defer` leaves that out."""
    return any(
        one.mapper_args is not None and _may_name(one.mapper_args.value, name)
        for one in project.models.lineage(model)
    )


def _may_name(arguments: Value | None, name: str) -> bool:
    if arguments is None or arguments.do != "dict" or arguments.starred:
        return True
    for key, value in zip(arguments.args[::2], arguments.args[1::2], strict=False):
        if key.text is None:
            return True
        if key.text == "polymorphic_on":
            return (value.text or value.name.rpartition(".")[2] or name) == name
    return False


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


_READ_AS_ATTRIBUTES = frozenset({"property", "cached_property", "hybrid_property"})


def read_as_attribute(knowledge: Knowledge, method: str) -> str:
    """The function that reading an attribute calls: a property, or what a hybrid does with an
    object; "" for a method. A second definition of the name is its setter or SQL expression."""
    first = method.partition("#")[0]
    decorators = knowledge.decorators.get(first, ())
    read = any(
        d.name == NAME and d.label.rpartition(".")[2] in _READ_AS_ATTRIBUTES for d in decorators
    )
    return first if read else ""


class Proxy(NamedTuple):
    """An `association_proxy`. ``many``: it is a collection of the ``value`` of each object behind
    the relationship ``through``, which is read when somebody asks for an element."""

    through: str
    value: str
    many: bool
    target: str  # label of the model behind the relationship
    behind: str  # ... and behind the value, when that is a relationship, too


def proxied(project: Project, label: str, name: str) -> Proxy | None:
    """What an association proxy of a model reads; None when it is none."""
    model = project.models.of(label)
    attribute = project.models.attribute(model, name) if model is not None else None
    if attribute is None or attribute.role != "proxy" or attribute.value is None:
        return None
    target = attribute.value.argument(0, "target_collection")
    value = attribute.value.argument(1, "attr")
    if target is None or not target.text:
        return None
    through = mapped(project, label, target.text)
    there = through.target if through is not None else ""
    last = (value.text or "") if value is not None else ""
    behind = mapped(project, there, last) if there and last else None
    many = through is None or through.many is not False
    return Proxy(target.text, last, many, there, behind.target if behind is not None else "")
