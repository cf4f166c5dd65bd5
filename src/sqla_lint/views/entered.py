"""Sessions and connections that the ``with`` of an object of the project makes: units of work."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.catalog import kinds
from sqla_lint.flow.holders import holder
from sqla_lint.flow.root import Root
from sqla_lint.ir import Const, Op
from sqla_lint.project.kind import Kind
from sqla_lint.views.function import Function

_ENTERS = ("__enter__", "__aenter__")


def made_by_block(function: Function, *names: str) -> tuple[Root, ...]:
    """What the `__enter__` of an object makes for it, keeps as an attribute, and hands to nobody:
    its `__exit__` is to end it."""
    roots = []
    for number, i, op in function.positions:
        on = function.typed.on[number][i]
        if op.do != "enter" or on.name != kinds.INSTANCE:
            continue
        if not isinstance(op.on, str):
            continue
        for kind, path in _own(function, on.label, names):
            role = holder([path])
            roots.append(Root(kind, (number, i), role=role, also=((op.on, role),)))
    return tuple(roots)


def _own(function: Function, label: str, names: tuple[str, ...]) -> Iterator[tuple[Kind, str]]:
    classes = function.project.knowledge.classes
    enter = next((found for name in _ENTERS if (found := classes.method(label, name))), None)
    typed = function.project.typed.get(enter) if enter is not None else None
    if typed is None or not classes.complete(label) or not typed.function.params:
        return
    me = typed.function.params[0].name
    inside = function.of(typed)
    returned = [op.on for _, _, op in inside.positions if op.do == "return"]
    if not returned or any(place != me for place in returned):
        return
    for root in inside.made(*names):
        opened = inside.op(root.position)
        places = {opened.dst, *(u.op.dst for u in inside.uses(root) if u.op.do == "move")}
        stores = [
            op
            for _, _, op in inside.positions
            if op.do == "setattr" and op.on == me and op.args[-1].value in places
        ]
        handed = any(
            "escape" in use.happening.events and use.op not in stores for use in inside.uses(root)
        )
        if len(stores) == 1 and not handed and not _is_set_elsewhere(function, label, stores[0]):
            yield root.kind, f".{stores[0].name}"


def _is_set_elsewhere(function: Function, label: str, store: Op) -> bool:
    """Another method sets the attribute, and not to None."""
    knowledge = function.project.knowledge
    return any(
        op.do == "setattr"
        and op.name == store.name
        and op is not store
        and op.args[-1].value != Const(None)
        for info in knowledge.classes.ancestry(label)
        for method in info.methods.values()
        for block in knowledge.functions[method][1].blocks
        for op in block.ops
    )
