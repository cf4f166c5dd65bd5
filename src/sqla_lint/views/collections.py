"""Whether what a statement loads by a join is a collection, which the mapping may have to say."""

from __future__ import annotations

from sqla_lint.project.kind import Kind
from sqla_lint.project.linked import Project
from sqla_lint.project.statement import IF, eager


def joins_collection(project: Project, kind: Kind) -> bool:
    """A statement or its result holds rows of a collection that was joined."""
    for trait in eager(kind.traits):
        _, perhaps, label = trait.partition(IF)
        if not perhaps or _is_collection(project, label):
            return True
    return False


def _is_collection(project: Project, label: str) -> bool:
    """The relationship ``Model.name`` is one, by its foreign keys or those of its other side."""
    name, _, attribute = label.rpartition(".")
    models = project.models.named(name)
    relation = project.models.relation(models[0], attribute) if len(models) == 1 else None
    return relation is not None and relation.many is True
