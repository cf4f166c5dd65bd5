"""What a relationship leads to: an object of a class, or a collection of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from sqla_lint.catalog import kinds
from sqla_lint.ir import Ann
from sqla_lint.project import loading
from sqla_lint.project.classes import Mapping as Mapped
from sqla_lint.project.kind import LOADED_BY, RELATED, UNKNOWN, Kind

if TYPE_CHECKING:
    from sqla_lint.project.knowledge import Knowledge

_NAMING = frozenset({kinds.STR, kinds.MAPPED_CLASS, kinds.CLASS})
# Relationships that give a query, or nothing that is loaded.
_NOT_LOADED = frozenset({"lazy=dynamic", "lazy=write_only", "lazy=noload", "lazy=?"})
_KEPT = LOADED_BY | {"queried"}


def named_by(args: Sequence[Kind], words: Mapping[str, Kind]) -> tuple[Kind, ...]:
    """The class that the arguments of a `relationship()` name, or its name."""
    target = args[0] if args else words.get("argument", UNKNOWN)
    return (target,) if target.name in _NAMING and target.label else ()


def annotated_target(ann: Ann) -> tuple[Kind, ...]:
    """The class that an annotation names: ``Mapped[list["Post"]]``, ``Optional["User"]``."""
    if ann.kind == "item":
        return annotated_target(ann.args[-1]) if len(ann.args) > 1 else ()
    if ann.kind == "union":
        found = [part for part in ann.args if part.name != "None"]
        return annotated_target(found[0]) if len(found) == 1 else ()
    name = ann.name.strip("'\"") if ann.kind in ("name", "const") else ""
    return (Kind(kinds.STR, label=name),) if name.replace(".", "_").isidentifier() else ()


def led_to(knowledge: Knowledge, of: Kind, name: str, relationship: Kind) -> Kind:
    """What a relationship of an entity gives when it is read; UNKNOWN where the class, or whether
    it is one object or many, cannot be told."""
    if _NOT_LOADED & relationship.traits or not relationship.of:
        return UNKNOWN
    label = _class(knowledge, of, name, relationship.of[0])
    many = _is_many(knowledge, of.label, label, relationship) if label else None
    info = knowledge.classes.get(label)
    if many is None or info is None:
        return UNKNOWN
    entity = knowledge.instance(knowledge.class_kind(info))
    traits = entity.traits | (of.traits & _KEPT) | {RELATED}
    entity = entity._replace(traits=traits, loaded=loading.beyond(of.loaded, name))
    return Kind(kinds.COLLECTION, of=(entity,)) if many else entity


def _class(knowledge: Knowledge, of: Kind, name: str, target: Kind) -> str:
    """The label of the class that a relationship names; "" when it cannot be told."""
    if target.name != kinds.STR:
        return target.label if target.name == kinds.MAPPED_CLASS else ""
    last = target.label.rpartition(".")[2]
    for info in knowledge.classes.ancestry(of.label):
        if name in info.attributes:
            found = knowledge.global_name(info.module, last)
            if found.name == kinds.MAPPED_CLASS:
                return found.label
            break
    labels: tuple[str, ...] = knowledge.ask("named", last)
    mapped = [label for label in labels if _is_mapped(knowledge, label)]
    return mapped[0] if len(mapped) == 1 else ""


def _is_mapped(knowledge: Knowledge, label: str) -> bool:
    role = knowledge.ask("class", label)
    return role is not None and role[0] is Mapped.YES


def _is_many(knowledge: Knowledge, label: str, target: str, relationship: Kind) -> bool | None:
    traits = relationship.traits
    if "collection" in traits:
        return True
    if "scalar" in traits:
        return False
    if "plain" not in traits:
        return None
    classes = knowledge.classes
    knowledge.ask("bases", label)
    knowledge.ask("bases", target)
    here = not classes.complete(label) or classes.points_elsewhere(label)
    there = not classes.complete(target) or classes.points_elsewhere(target)
    return None if here == there else there
