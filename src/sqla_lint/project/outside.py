"""Attributes that are set from outside of their class: on an object (``app.db = Session()``), or by
the call that makes one, where the class has fields and no constructor of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.catalog.frameworks import is_field
from sqla_lint.project.kind import FOREIGN, Kind, join

if TYPE_CHECKING:
    from sqla_lint.project.classes import ClassInfo
    from sqla_lint.project.infer import Typed
    from sqla_lint.project.knowledge import Knowledge


class Outside(NamedTuple):
    """One of them."""

    label: str  # of the class
    name: str
    kind: Kind
    is_field: bool = False


# What the class itself says of an attribute that matters less than what others put there.
_HOLDS_A_PLACE = frozenset({kinds.NONE})
_HOLDS_A_FIELD = frozenset({kinds.NONE, kinds.UNKNOWN})


def set_outside(functions: Iterable[Typed], knowledge: Knowledge) -> dict[tuple[str, str], Kind]:
    """Attributes by class and name with what is set, where all agree. A test may set a stand-in."""
    found: dict[tuple[str, str], Kind] = {}
    classes = knowledge.classes
    setting = [typed for typed in functions if typed.outside]
    # a name under which nobody sets a handle is not looked for in the classes
    names = {
        one.name for typed in setting for one in typed.outside if one.kind.name in kinds.HANDLES
    }
    if not names:
        return {}
    for typed in setting:
        in_tests = knowledge.told.is_test(typed.module.path)
        for one in typed.outside:
            if one.name not in names:
                continue
            if in_tests and (not one.kind.known or one.kind.name == FOREIGN):
                continue
            lineage = classes.ancestry(one.label)
            holder = next((info for info in lineage if one.name in info.attributes), None)
            if holder is not None:
                holds = holder.attributes[one.name]
                if holds.name not in (_HOLDS_A_FIELD if one.is_field else _HOLDS_A_PLACE):
                    continue
            elif classes.method(one.label, one.name) is not None:
                continue  # a property with a setter
            key = (holder.label if holder is not None else one.label), one.name
            found[key] = join(found[key], one.kind) if key in found else one.kind
    return {
        key: kind._replace(owner="attribute") if kind.owner == "local" else kind
        for key, kind in found.items()
        if kind.name in kinds.HANDLES and (kind.label or kind.name != kinds.INSTANCE)
    }


def given_fields(
    knowledge: Knowledge, label: str, args: Sequence[Kind], words: Mapping[str, Kind]
) -> Iterator[Outside]:
    """What the call of a class gives for the fields of what it makes."""
    known: tuple[str, ...] = knowledge.ask("fields", label)
    if known and _takes_them_in_order(knowledge.classes.ancestry(label)):
        for name, kind in zip(known, args, strict=False):
            yield Outside(label, name, kind, is_field=True)
    for name, kind in words.items():
        if name in known:
            yield Outside(label, name, kind, is_field=True)


def _takes_them_in_order(lineage: Sequence[ClassInfo]) -> bool:
    """A decorator or a base makes a constructor of the fields."""
    return any(
        info.node.decorators or any(base.label.endswith(".NamedTuple") for base in info.bases)
        for info in lineage
    )


def fields(lineage: Sequence[ClassInfo]) -> tuple[str, ...]:
    """The fields of a class without a constructor, in their order, those of its bases first."""
    if any(name in info.methods for info in lineage for name in _CONSTRUCTORS):
        return ()
    found: dict[str, None] = {}
    for info in reversed(lineage):
        found.update(dict.fromkeys(info.fields))
    return tuple(found)


_CONSTRUCTORS = ("__init__", "__new__")


def fields_of_body(typed: Typed) -> tuple[str, ...]:
    """The names that a class body annotates, or describes in the way of a library, in order."""
    found: dict[str, None] = {}
    for block in typed.function.blocks:
        for op in block.ops:
            if op.dst is None or op.do not in ("declare", "move") or not op.dst.isidentifier():
                continue
            described = typed.cells.get(op.dst)
            if op.ann is not None:
                head = op.ann.args[0].name if op.ann.kind == "item" else op.ann.name
                if head.rpartition(".")[2] != "ClassVar":
                    found[op.dst] = None
            elif described is not None and described.name == FOREIGN and is_field(described.label):
                found[op.dst] = None
    return tuple(found)
