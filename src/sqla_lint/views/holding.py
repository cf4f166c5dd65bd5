"""Sessions and connections that objects of the project hold: made by them, or injected."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.catalog import kinds
from sqla_lint.flow.holders import holder, is_holder, kept_as, paths
from sqla_lint.flow.root import NOWHERE, SELF, Root
from sqla_lint.ir import Op
from sqla_lint.project.callers import called
from sqla_lint.project.kind import FUNCTIONS, Kind, lenders
from sqla_lint.views.function import Function


def made_inside(function: Function, *names: str) -> tuple[Root, ...]:
    """What the `__init__` of an object that this function makes has made for the object: it lives
    and ends with the object."""
    return tuple(
        Root(kind, (number, i), role=holder([path]))
        for number, i, op in function.positions
        if op.do == "call" and function.typed.on[number][i].name == kinds.CLASS
        for kind, path in _own(function, function.typed.on[number][i].label, names)
    )


def _own(function: Function, label: str, names: tuple[str, ...]) -> Iterator[tuple[Kind, str]]:
    """What `__init__` makes and keeps as an attribute that nothing else is ever set to."""
    classes = function.project.knowledge.classes
    init = classes.method(label, "__init__")
    typed = function.project.typed.get(init) if init is not None else None
    if typed is None or not classes.complete(label) or classes.method(label, "__del__"):
        return
    me = typed.function.params[0].name if typed.function.params else ""
    inside = function.of(typed)
    for root in inside.made(*names):
        opened = inside.op(root.position)
        places = {opened.dst, *(u.op.dst for u in inside.uses(root) if u.op.do == "move")}
        stores = [
            op
            for _, _, op in inside.positions
            if op.do == "setattr" and op.on == me and op.args[-1].value in places
        ]
        handed = [
            use
            for use in inside.uses(root)
            if "escape" in use.happening.events and use.op not in stores
        ]
        if len(stores) == 1 and not handed and not _is_set_again(function, label, stores[0]):
            yield root.kind, f".{stores[0].name}"


def _is_set_again(function: Function, label: str, store: Op) -> bool:
    knowledge = function.project.knowledge
    return any(
        op.do in ("setattr", "delete") and op.name == store.name and op is not store
        for info in knowledge.classes.ancestry(label)
        for method in info.methods.values()
        for block in knowledge.functions[method][1].blocks
        for op in block.ops
    )


def injected_inside(function: Function, *names: str) -> tuple[Root, ...]:
    """Objects that a framework makes for a route with a session of its own dependency, on which
    that dependency does nothing but to close it."""
    if function.entry != "route":
        return ()
    there = {
        place: kind
        for number, i, op in function.positions
        for place, kind in ((op.on, function.typed.on[number][i]),)
        if isinstance(place, str) and kind.name == kinds.INSTANCE
    }
    roots = []
    for param in function.typed.function.params:
        kind = there.get(param.name)
        if kind is None or any(op.dst == param.name for _, _, op in function.positions):
            continue
        for held, role in _injected(function, kind, names):
            same = function.handles(held.name)
            also = tuple((root.place, SELF) for root in same if lenders(root.kind) == lenders(held))
            roots.append(Root(held, NOWHERE, param.name, role, also))
    return tuple(roots)


def _injected(function: Function, kind: Kind, names: tuple[str, ...]) -> Iterator[tuple[Kind, str]]:
    """By the parameters of its `__init__`, or of the dependency that makes it."""
    project = function.project
    makers = lenders(kind)
    if not makers:
        init = project.knowledge.classes.method(kind.label, "__init__")
        typed = project.typed.get(init) if init is not None else None
        if init is None or typed is None:
            return
        for root in function.of(typed).lent_to(*names):
            role = kept_as(function.effects, init, root.place)
            if role:
                yield root.kind, role
        return
    typed = project.typed.get(makers[0]) if len(makers) == 1 else None
    if typed is None or typed.function.is_generator:
        return
    maker = function.of(typed)
    for root in maker.lent_to(*names):
        uses = maker.uses(root)
        given = [use for use in uses if is_holder(use.happening.role)]
        returned = all(use.op.do in ("call", "move", "return", "getattr") for use in uses)
        if len({use.happening.role for use in given}) == 1 and returned:
            yield root.kind, given[0].happening.role


def session_of_helpers(function: Function) -> tuple[Root, ...]:
    """The registry session that only the functions called here use, when it is one."""
    found: dict[Kind, Root] = {}
    for _, callee in called_functions(function):
        typed = function.project.typed.get(callee)
        for root in function.of(typed).handles(kinds.SCOPED_SESSION) if typed is not None else ():
            if root.kind.owner == "registry":
                found.setdefault(root.kind, root)
    return tuple(found.values()) if len(found) == 1 else ()


def called_functions(function: Function) -> Iterator[tuple[Op, str]]:
    """Calls of functions of the project, with their labels."""
    knowledge = function.project.knowledge
    for number, i, op in function.positions:
        if op.do == "call":
            callee = called(knowledge, op, function.typed.on[number][i])
            if callee.name in FUNCTIONS and callee.label in knowledge.functions:
                yield op, callee.label


def held_name(root: Root, name: str) -> str:
    """What the user calls an object that another holds."""
    path = min(paths(root.role), key=len) if is_holder(root.role) else ""
    entered = [place for place, role in root.also if role == root.role and place[0] != "%"]
    if path and entered:  # `with unit:` gives it no other name
        return f"`{entered[0]}{path}`"
    return f"`{name.strip('`')}{path}`" if path and name.startswith("`") else name
