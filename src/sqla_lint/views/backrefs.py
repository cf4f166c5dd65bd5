"""New objects that hang on a loaded one by a backref, and that nothing hands to a session."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.flow.attributes import mapped
from sqla_lint.ir import Op, Place
from sqla_lint.project.kind import Kind
from sqla_lint.views.function import Function, Operation

_SESSIONS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION})
_ENDING = frozenset({"commit", "flush"})


class Orphan(NamedTuple):
    """A new object; ``attribute`` is set to a loaded object, whose ``reverse`` then has it."""

    made: Op
    name: Place
    model: str
    attribute: str
    reverse: str
    is_async: bool


def orphans(function: Function) -> Iterator[Orphan]:
    """New objects that are only reached from the other side of a relationship."""
    operations = list(function.operations())
    if not _ends_a_unit(operations) or function.typed.function.kind == "module":
        return
    for operation in operations:
        op, made = operation.op, operation.result
        if op.do != "call" or op.name is not None or operation.on.name != kinds.MAPPED_CLASS:
            continue
        if made.name != kinds.ENTITY or "queried" in made.traits or op.dst is None:
            continue
        names = _names(operations, op.dst)
        if names is None or not _is_kept_to_itself(operations, names):
            continue
        linked = _link(function, operation, operations, names)
        if linked is not None:
            attribute, reverse, is_async = linked
            name = min((n for n in names if n[0] != "%"), default="")
            yield Orphan(op, name, made.label, attribute, reverse, is_async)


def _ends_a_unit(operations: list[Operation]) -> bool:
    return any(
        o.op.do == "call" and o.op.name in _ENDING and o.on.name in _SESSIONS for o in operations
    )


def _names(operations: list[Operation], made: Place) -> set[Place] | None:
    """The names of an object; None when one of them may be another object, too."""
    names = {made}
    for o in operations:
        if o.op.do == "move" and o.op.on in names and o.op.dst is not None:
            names.add(o.op.dst)
    bound = [o.op for o in operations if o.op.dst in names]
    return names if len(bound) == len(names) else None


def _is_kept_to_itself(operations: list[Operation], names: set[Place]) -> bool:
    """Nothing but reads and writes of its own attributes is done with it."""
    for o in operations:
        op = o.op
        if any(arg.value in names for arg in op.args):
            return False
        if op.on in names and op.do not in ("move", "getattr", "setattr", "test"):
            return False
    return True


def _link(
    function: Function, made: Operation, operations: list[Operation], names: set[Place]
) -> tuple[str, str, bool] | None:
    given: list[tuple[str | None, Kind]] = [
        (arg.keyword, kind)
        for arg, kind in zip(made.op.args, made.arg_kinds, strict=False)
        if arg.keyword
    ]
    given += [
        (o.op.name, o.arg_kinds[0])
        for o in operations
        if o.op.do == "setattr" and o.op.on in names and o.arg_kinds
    ]
    for name, kind in given:
        if name is None or kind.name != kinds.ENTITY or "queried" not in kind.traits:
            continue
        attribute = mapped(function.project, made.result.label, name)
        relation = attribute.relation if attribute is not None else None
        if relation is not None and relation.reverse and relation.many is False:
            return name, relation.reverse, "by async" in kind.traits
    return None
