"""GraphQL types of Strawberry: what the library reads of what a resolver returns, object by object.

The objects are mapped ones, whose fields are attributes of the same name or functions of the type
that are called with the object, or objects of the type itself, which keep a mapped one in a field.
A client may ask for each of the fields.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.catalog import kinds
from sqla_lint.flow.keeping import fields_of
from sqla_lint.flow.reads import KEEPS, Summaries
from sqla_lint.flow.schemas import classes_named
from sqla_lint.ir import Ann
from sqla_lint.project.infer import Typed
from sqla_lint.project.kind import UNKNOWN, Kind
from sqla_lint.project.knowledge import Knowledge

_MODULES = ("strawberry", "strawberry.federation")
_FIELDS = frozenset(f"{module}.field" for module in _MODULES)
_RESOLVERS = _FIELDS | {f"{module}.mutation" for module in _MODULES}
_TYPES = frozenset(f"{module}.{name}" for module in _MODULES for name in ("type", "interface"))
_HOLDING = frozenset({kinds.COLLECTION, kinds.LIST, kinds.TUPLE})


def is_resolver(knowledge: Knowledge, label: str) -> bool:
    """The library calls the function for a field, and goes on with what it returns."""
    return not _RESOLVERS.isdisjoint(_marks(knowledge, label))


def read_by_resolvers(
    summaries: Summaries, typed: Typed, returned: Kind, model: str
) -> frozenset[str]:
    """What the functions of fields read of the objects of a model in what a resolver returns, and
    the plain fields that are attributes of these."""
    knowledge = summaries.project.knowledge
    found: set[str] = set()
    types = list(_types(knowledge, typed, typed.function.returns))
    said = types[0] if len(types) == 1 else ""
    for one in _elements(returned):
        if one.name == kinds.ENTITY and one.label == model and said:
            found |= _of_objects(summaries, said, model)
        elif one.name == kinds.INSTANCE or not one.known:
            label = one.label if one.known else said
            if label and _is_type(knowledge, label):
                found |= _of_keepers(summaries, label, model)
    return frozenset(found)


def _of_objects(summaries: Summaries, label: str, model: str) -> set[str]:
    """What the fields of a type read of the mapped object that stands for it."""
    knowledge = summaries.project.knowledge
    found = set(summaries.of_fields(_plain(knowledge, label), model).surely)
    for method in _methods(knowledge, label):
        found |= summaries.of_self(method, model).surely
    return found


def _of_keepers(summaries: Summaries, label: str, model: str) -> set[str]:
    """What they read of a mapped object that an object of the type keeps."""
    knowledge, found = summaries.project.knowledge, set[str]()
    holding = [name for name, kind in fields_of(knowledge, label) if _is_of(kind, model)]
    for method in _methods(knowledge, label) if len(holding) == 1 else ():
        for path in summaries.of_self(method, KEEPS + model).surely:
            name, _, inner = path.partition(".")
            if name == holding[0] and inner:
                found.add(inner)
    return found


def _is_of(kind: Kind, model: str) -> bool:
    return kind.name == kinds.ENTITY and kind.label == model


def _elements(kind: Kind) -> Iterator[Kind]:
    if kind.name in _HOLDING:
        for of in kind.of or (UNKNOWN,):
            yield from _elements(of)
    else:
        yield kind


def _marks(knowledge: Knowledge, label: str) -> set[str]:
    """What stands before a definition, and what it is handed to: `field(resolver=albums)`."""
    own: tuple[Kind, ...] = knowledge.ask("decorators", label)
    found = {mark.label.removesuffix("()") for mark in own}
    return found | {call.removesuffix("()") for call in knowledge.announced.get(label, {}).values()}


def _is_type(knowledge: Knowledge, label: str) -> bool:
    return not _TYPES.isdisjoint(_marks(knowledge, label))


def _types(knowledge: Knowledge, typed: Typed, ann: Ann | None) -> Iterator[str]:
    """The types that an annotation names."""
    if ann is None:
        return
    if ann.kind == "name":
        for label in classes_named(knowledge, typed.module, ann.name):
            if _is_type(knowledge, label):
                yield label
    for inner in ann.args:
        yield from _types(knowledge, typed, inner)


def _plain(knowledge: Knowledge, label: str) -> frozenset[str]:
    """The fields of a type that are read as attributes of the object."""
    ancestry = knowledge.classes.ancestry(label)
    return frozenset(
        name
        for info in ancestry
        for name in info.annotated
        if not (name in info.attributes and info.attributes[name].label in _MADE)
    )


_MADE = frozenset(f"{name}()" for name in _FIELDS)


def _methods(knowledge: Knowledge, label: str) -> Iterator[str]:
    """The functions of a type that are called for a field."""
    seen: set[str] = set()
    for info in knowledge.classes.ancestry(label):
        for name, method in info.methods.items():
            if name not in seen and not _FIELDS.isdisjoint(_marks(knowledge, method)):
                yield method
            seen.add(name)
