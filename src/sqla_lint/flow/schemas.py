"""Pydantic classes: the attributes that validating an object reads of it, and of what is behind."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.catalog import kinds
from sqla_lint.ir import Ann, Module
from sqla_lint.project.classes import SQLMODEL_BASES, ClassInfo, Mapping
from sqla_lint.project.knowledge import Knowledge

_BASES = SQLMODEL_BASES | {"pydantic.BaseModel", "pydantic.main.BaseModel"}
# Schemas in schemas are followed so far.
DEPTH = 3


def schema_fields(knowledge: Knowledge, label: str, depth: int = DEPTH) -> frozenset[str]:
    """The fields of a pydantic class, those of classes they hold with dots; none when it is no
    such class."""
    ancestry = knowledge.classes.ancestry(label)
    based = any(b.label in _BASES for info in ancestry for b in info.bases)
    if not based or ancestry[0].mapping is Mapping.YES:
        return frozenset()
    found: set[str] = set()
    for info in ancestry:
        for name in info.annotated:
            if name.startswith("_") or name == "model_config":
                continue
            found.add(name)
            for inner in _held(knowledge, info, name) if depth > 1 else ():
                found |= {f"{name}.{field}" for field in schema_fields(knowledge, inner, depth - 1)}
    return frozenset(found)


def _held(knowledge: Knowledge, info: ClassInfo, name: str) -> Iterator[str]:
    """The classes of the project that a field's annotation names."""
    body = info.module.functions.get(info.node.qualname)
    for block in body.blocks if body is not None else ():
        for op in block.ops:
            if op.dst == name and op.ann is not None and op.do in ("declare", "move"):
                yield from _classes(knowledge, info, op.ann)


def classes_named(knowledge: Knowledge, module: Module, name: str) -> Iterator[str]:
    """The class of the project that a dotted name stands for in a module."""
    if not name:
        return
    first, *rest = name.split(".")
    kind = knowledge.global_name(module, first)
    for part in rest:
        kind = knowledge.attribute(kind, part)
    if kind.name == kinds.CLASS:
        yield kind.label


def _classes(knowledge: Knowledge, info: ClassInfo, ann: Ann) -> Iterator[str]:
    if ann.kind == "name":
        yield from classes_named(knowledge, info.module, ann.name)
    for inner in ann.args:
        yield from _classes(knowledge, info, inner)
