"""Annotations of mapped attributes that the mapper refuses (Annotated Declarative, 2.0)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.ir import Ann, Module, Ref
from sqla_lint.project.mapping import Attribute, Model
from sqla_lint.project.models import Models
from sqla_lint.views.project import Project, annotation_names

# What has no column type by itself: containers may be JSON, ARRAY or a pickle, and `Any` anything.
_UNTYPED = frozenset(
    {f"builtins.{name}" for name in ("dict", "list", "set", "tuple", "frozenset", "object")}
    | {f"typing.{name}" for name in ("Dict", "List", "Set", "Tuple", "FrozenSet", "Any")}
    | {"typing.Mapping", "collections.abc.Mapping", "builtins.complex", "builtins.bytearray"}
)
# Types that are surely not a `Mapped[...]` in disguise.
_PLAIN = frozenset(
    {f"builtins.{name}" for name in ("int", "str", "float", "bool", "bytes")}
    | {"datetime.datetime", "datetime.date", "decimal.Decimal", "uuid.UUID"}
    | {"typing.Optional", "typing.Union", "typing.Sequence", "typing.Iterable"}
)
_ANNOTATED_MAKERS = frozenset(
    {"relationship", "mapped_column", "column_property", "synonym", "composite"}
)
_ALLOW = "__allow_unmapped__"
_MAP = "type_annotation_map"


def last_names(ann: Ann) -> Iterator[str]:
    """The names in an annotation, without the modules they are of."""
    if ann.kind in ("name", "const"):
        yield ann.name.rpartition(".")[2]
    for inner in ann.args:
        yield from last_names(inner)


class Unusable(NamedTuple):
    """An annotation that makes the class statement, or configuring the mappers, fail."""

    attribute: Attribute
    at: Ref
    why: str  # "hidden", "unmapped", "untyped", "unrelated"
    name: str = ""  # the hidden name, or the type
    imported: Ref = -1  # where a hidden name is imported


def unusable_annotations(project: Project) -> Iterator[Unusable]:
    """Every annotation of the project that the mapper cannot use; one for each attribute."""
    models = project.models
    strict = {model.label for model in models.models.values() if _is_strict(models, model)}
    for one in project.classes():
        for attribute in one.attributes:
            found = _hidden(project, attribute)
            if found is None and isinstance(one, Model) and one.label in strict:
                found = _refused(models, one, attribute)
            if found is not None:
                yield found


def _hidden(project: Project, attribute: Attribute) -> Unusable | None:
    """A name for type checkers only; the classes of relationships are looked up later."""
    ann = attribute.ann
    if attribute.column is None or ann is None or attribute.declared or ann.kind != "item":
        return None
    for name, at in annotation_names(ann):
        imported = project.typing_only(attribute, name)
        if imported is not None:
            return Unusable(attribute, at, "hidden", name, imported)
    return None


def _is_strict(models: Models, model: Model) -> bool:
    """Declarative for sure, and nothing it inherits from allows what is not mapped. Mixins are not
    asked: their heirs may declare the attribute anew."""
    if model.style not in ("declarative", "flask") or not model.complete:
        return False
    for label in (*(one.label for one in models.lineage(model)), *model.mixins):
        known = models.models.get(label) or models.mixins.get(label)
        if known is None or any(a.name == _ALLOW for a in known.attributes):
            return False
    return True


def _refused(models: Models, owner: Model, attribute: Attribute) -> Unusable | None:
    ann, value = attribute.ann, attribute.value
    module = models.scopes.index.modules.get(owner.label.partition(":")[0])
    if ann is None or module is None or attribute.declared:
        return None
    maker = value.library if value is not None and value.do == "call" else ""
    if value is not None and not maker:
        return None
    head = _means(models, module, owner, ann)
    if maker in _ANNOTATED_MAKERS and (
        head in _PLAIN or head in _UNTYPED or models.of(head) is not None
    ):
        return Unusable(attribute, ann.at, "unmapped", _shown(ann))
    if head != "sqlalchemy.orm.Mapped" or maker not in ("", "mapped_column"):
        return None
    column = attribute.column
    if column is None or column.type or column.opaque or column.foreign_keys or column.computed:
        return None
    if any(one.name == "__table__" for one in owner.attributes):
        return None  # its columns have types
    inner = _without_none(ann.args[-1])
    name = _means(models, module, owner, inner)
    if models.of(name) is not None:
        return Unusable(attribute, inner.at, "unrelated", _shown(inner))
    if name in _UNTYPED and not _maps_types(models):
        return Unusable(attribute, inner.at, "untyped", _shown(inner))
    return None


def _means(models: Models, module: Module, owner: Model, ann: Ann) -> str:
    """The resolved name of an annotation's outermost class."""
    head = ann.args[0] if ann.kind == "item" else ann
    if head.kind == "union":
        rest = {_means(models, module, owner, one) for one in head.args if one.name != "None"}
        return rest.pop() if len(rest) == 1 else ""
    if head.kind != "name":
        return ""
    return models.scopes.annotation(module, owner.label.partition(":")[2], head.name)


def _without_none(ann: Ann) -> Ann:
    """``X`` of ``X | None`` and ``Optional[X]``."""
    if ann.kind == "union":
        rest = [one for one in ann.args if one.name != "None"]
        return rest[0] if len(rest) == 1 else ann
    if ann.kind == "item" and ann.args[0].name.rpartition(".")[2] == "Optional":
        return ann.args[-1]
    return ann


def _shown(ann: Ann) -> str:
    return ann.args[0].name if ann.kind == "item" else ann.name


def _maps_types(models: Models) -> bool:
    """Some base or registry of the project says which column types Python types have."""
    for module in models.scopes.index.modules.values():
        for function in module.functions.values():
            for op in (op for block in function.blocks for op in block.ops):
                if op.dst == _MAP or op.name == _MAP:
                    return True
                if any(arg.keyword == _MAP for arg in op.args):
                    return True
    return False
