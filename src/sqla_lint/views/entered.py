"""Sessions and connections that the ``with`` of an object of the project makes: units of work."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.catalog.protocols import LENT_BEFORE
from sqla_lint.flow.holders import holder, is_holder, paths
from sqla_lint.flow.root import NOWHERE, SELF, Root
from sqla_lint.ir import Const, Op, Place
from sqla_lint.project.classes import ClassInfo
from sqla_lint.project.kind import Kind
from sqla_lint.views.function import Function

_ENTERS = ("__enter__", "__aenter__")


class _Own(NamedTuple):
    """What an `__enter__` makes, the attribute that keeps it, whether the block gets it, and where
    objects that it makes with it keep it, too: repositories of a unit of work."""

    kind: Kind
    path: str
    lent: bool
    parts: tuple[str, ...]


def made_by_block(function: Function, *names: str) -> tuple[Root, ...]:
    """What the `__enter__` of an object makes for it, keeps as an attribute, and hands to nobody or
    to the block alone: its `__exit__` is to end it."""
    roots = []
    for number, i, op in function.positions:
        on = function.typed.on[number][i]
        if op.do != "enter" or on.name != kinds.INSTANCE:
            continue
        if not isinstance(op.on, str):
            continue
        for kind, path, lent, parts in _own(function, on.label, names):
            kept = holder([path, *parts])
            role = SELF if lent else kept
            roots.append(Root(kind, (number, i), role=role, also=((op.on, kept),)))
    return tuple(roots)


def _own(function: Function, label: str, names: tuple[str, ...]) -> Iterator[_Own]:
    classes = function.project.knowledge.classes
    enter = next((found for name in _ENTERS if (found := classes.method(label, name))), None)
    typed = function.project.typed.get(enter) if enter is not None else None
    if typed is None or not classes.complete(label) or not typed.function.params:
        return
    me = typed.function.params[0].name
    inside = function.of(typed)
    returned = [op.on for _, _, op in inside.positions if op.do == "return"]
    if not returned:
        return
    for root in inside.made(*names):
        opened = inside.op(root.position)
        places = {opened.dst, *(u.op.dst for u in inside.uses(root) if u.op.do == "move")}
        stores = [
            op
            for _, _, op in inside.positions
            if op.do == "setattr" and op.on == me and op.args[-1].value in places
        ]
        lent = all(place in places or place == f"{me}.{_name(stores)}" for place in returned)
        if not lent and any(place != me for place in returned):
            continue
        parts = _parts(inside, root, me, stores)
        if any(_is_set_elsewhere(function, label, op) for op, _ in parts):
            continue
        handed = any(
            "escape" in use.happening.events
            and use.op not in stores
            and not any(use.op is op for op, _ in parts)
            and not (lent and use.op.do == "return")
            for use in inside.uses(root)
        )
        if len(stores) == 1 and not handed and not _is_set_elsewhere(function, label, stores[0]):
            kept = (f".{op.name}{path}" for op, role in parts for path in paths(role))
            yield _Own(root.kind, f".{stores[0].name}", lent, tuple(kept))


def _parts(inside: Function, root: Root, me: str, stores: list[Op]) -> list[tuple[Op, str]]:
    """Where it stores objects that keep the session, with what these are to it."""
    stored = [Root(root.kind, NOWHERE, f"{me}.{op.name}") for op in stores]
    return [
        (use.op, use.given[0])
        for one in (root, *stored)
        for use in inside.uses(one)
        if use.op.do == "setattr"
        and use.op.on == me
        and len(use.given) == 1
        and is_holder(use.given[0])
    ]


def _name(stores: list[Op]) -> str | None:
    return stores[0].name if len(stores) == 1 else None


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


class Left(NamedTuple):
    """A session that an `__exit__` commits when nothing raised, and that no method ends otherwise:
    its attribute, and the commit."""

    place: Place
    commit: Op


def left_when_raised(function: Function) -> Iterator[Left]:
    """What the `__exit__` that is asked leaves open when its block raised."""
    parent, code = function.typed.function.parent, function.typed.function
    if function.qualname.rpartition(".")[2] not in _EXITS or parent is None or not code.params:
        return
    label = f"{function.typed.module.name}:{parent}"
    classes = function.project.knowledge.classes
    enter = next((found for name in _ENTERS if (found := classes.method(label, name))), None)
    every = classes.by_label.values()
    if any(_replaces(info, label, classes.lineage(info.label)) for info in every):
        return
    for _, path, *_ in _own(function, label, (kinds.SESSION,)) if enter is not None else ():
        place = f"{code.params[0].name}{path}"
        root = next((r for r in function.handles(kinds.SESSION) if r.place == place), None)
        if root is None or _is_ended(function, label, path):
            continue
        solution = function.solve(LENT_BEFORE, (root,))
        commits = [
            use.op
            for use in function.uses(root)
            if use.op.do in ("call", "await") and "commit" in use.happening.events
        ]
        if commits and any(end.way == "return" for end in solution.ends):
            yield Left(place, commits[0])


def _replaces(info: ClassInfo, label: str, lineage: list[str]) -> bool:
    """A subclass has an `__exit__` of its own."""
    return info.label != label and label in lineage and bool(set(_EXITS) & set(info.methods))


def _is_ended(function: Function, label: str, path: str) -> bool:
    """A method of the class closes it or rolls it back, or hands it to somebody."""
    knowledge = function.project.knowledge
    return any(
        (op.do in ("call", "enter") and op.name in _ENDS and str(op.on).endswith(path))
        or (op.do == "enter" and str(op.on).endswith(path))
        or (op.do == "call" and any(str(arg.value).endswith(path) for arg in op.args))
        for info in knowledge.classes.ancestry(label)
        for method in info.methods.values()
        for block in knowledge.functions[method][1].blocks
        for op in block.ops
    )


_EXITS = ("__exit__", "__aexit__")
_ENDS = frozenset({"close", "aclose", "rollback", "remove", "reset", "invalidate"})
