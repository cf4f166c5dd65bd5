"""Loader options that start from a class which the statement does not select."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Ref
from sqla_lint.project.mapping import Model
from sqla_lint.views.function import Operation

_LOADERS = frozenset(
    {"selectinload", "joinedload", "subqueryload", "immediateload", "contains_eager"}
    | {"lazyload", "raiseload", "noload"}
)
CHAIN = 20  # options in a chain


class Unrooted(NamedTuple):
    """An option whose first attribute belongs to no entity of the statement."""

    at: Ref
    owner: str
    attribute: str
    entities: tuple[str, ...]


def unrooted_options(operation: Operation) -> Iterator[Unrooted]:
    """Of ``stmt.options(...)``, where all entities of the statement are known classes."""
    models = operation.function.project.models
    entities = [models.of(kind.label) for kind in operation.on.of]
    known = [one for one in entities if one is not None]
    if not known or len(known) != len(entities):
        return
    if any(kind.name != kinds.MAPPED_CLASS for kind in operation.on.of):
        return
    for arg in operation.op.args:
        root = _root(operation, arg.value)
        if root is None or arg.star:
            continue
        kind = root.arg_kinds[0]
        owner, _, name = kind.label.rpartition(".")
        model = operation.model_named(owner)
        if model is None or any(_related(operation, model, one) for one in known):
            continue
        yield Unrooted(root.op.args[0].at, owner, name, tuple(one.name for one in known))


def _root(operation: Operation, operand: object) -> Operation | None:
    """The first call of a chain of options, when it names a relationship of a class."""
    made = operation.function.maker(operand if isinstance(operand, str) else None)
    for _ in range(CHAIN):
        if made is None or made.op.do != "call":
            return None
        if made.on.name != kinds.LOADER_OPTION:
            break
        made = operation.function.maker(made.op.on)
    if made is None or len(made.op.args) < 1 or made.op.args[0].keyword:
        return None
    if (made.op.name or str(made.op.on).rpartition(".")[2]) not in _LOADERS:
        return None
    kind = made.arg_kinds[0]
    return made if kind.name == kinds.COLUMN_EXPR and "relationship" in kind.traits else None


def _related(operation: Operation, one: Model, other: Model) -> bool:
    """The same class, or one inherits from the other."""
    models = operation.function.project.models
    return one in models.lineage(other) or other in models.lineage(one)
