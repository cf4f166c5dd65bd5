"""Lowers what stands left of an assignment: names, attributes, items, tuples of these."""

from __future__ import annotations

from sys import intern
from typing import Final

import libcst as cst

from sqla_lint.ir import Ann, Arg, Const, Operand, Place
from sqla_lint.syntax.body import PATH_PARTS, Body

_NONE: Final = Const(None)


def is_variable(place: Operand) -> bool:
    """Does the operand name a variable or an attribute path (not a temporary or a constant)?"""
    return isinstance(place, str) and place[0] != "%"


def path(base: Operand, name: str) -> Place | None:
    """The place of an attribute, where it has one."""
    if isinstance(base, str) and base[0] != "%" and base.count(".") < PATH_PARTS:
        return intern(f"{base}.{name}")
    return None


def assign(body: Body, target: cst.CSTNode, value: Operand, ann: Ann | None = None) -> None:
    """Assign ``value`` to ``target``; the operation stands at the target."""
    at = body.ref(target)
    if isinstance(target, cst.Name):
        name = None if ann is None else "annotated"
        body.emit("move", at, body.bind_target(target.value), value, name, (), ann)
    elif isinstance(target, cst.Attribute):
        base = body.value(target.value)
        name = target.attr.value
        body.emit("setattr", at, path(base, name), base, name, (Arg(value, at),), ann)
    elif isinstance(target, cst.Subscript):
        on = body.value(target.value)
        args = (*index_args(body, target), Arg(value, at))
        body.raising("setitem", at, None, on, None, args, ann)
    elif isinstance(target, (cst.Tuple, cst.List)):
        unpack(body, target, value)
    elif isinstance(target, cst.StarredElement):
        assign(body, target.value, value, ann)
    else:
        # Not a target to Python (`f() = 1`), but libcst may let it pass.
        body.value(target)


def store(body: Body, target: cst.CSTNode) -> tuple[Place, cst.CSTNode | None]:
    """The place an operation may write to directly, and the target still to assign, if any."""
    if isinstance(target, cst.Name):
        return body.bind_target(target.value), None
    return body.temp(), target


def unpack(body: Body, target: cst.Tuple | cst.List, value: Operand) -> None:
    """``a, *b, c = value``: the indices are "0", "*1", "-1"."""
    elements = target.elements
    starred = next(
        (index for index, one in enumerate(elements) if isinstance(one, cst.StarredElement)),
        len(elements),
    )
    for index, element in enumerate(elements):
        inner = element.value
        if index < starred:
            name = str(index)
        elif index == starred:
            name = f"*{index}"
        else:
            name = str(index - len(elements))
        place, rest = store(body, inner)
        body.emit("unpack", body.ref(inner), place, value, name)
        if rest is not None:
            assign(body, rest, place)


def index_args(body: Body, node: cst.Subscript) -> tuple[Arg, ...]:
    """The indices of a subscript; a slice is packed into a temporary."""
    args: list[Arg] = []
    for element in node.slice:
        index = element.slice
        if isinstance(index, cst.Index):
            value = body.value(index.value)
            args.append(Arg(value, body.ref(index.value), None, 1 if index.star else 0))
        elif isinstance(index, cst.Slice):
            args.append(Arg(_slice(body, index), body.ref(index)))
    return tuple(args)


def _slice(body: Body, node: cst.Slice) -> Place:
    at = body.ref(node)
    bounds: list[Arg] = []
    for bound in (node.lower, node.upper, node.step):
        if bound is None:
            bounds.append(Arg(_NONE, at))
        else:
            bounds.append(Arg(body.value(bound), body.ref(bound)))
    dst = body.temp()
    body.emit("pack", at, dst, None, "slice", tuple(bounds))
    return dst


def delete(body: Body, target: cst.CSTNode) -> None:
    """``del target``."""
    at = body.ref(target)
    if isinstance(target, cst.Name):
        body.emit("delete", at, body.bind_target(target.value))
    elif isinstance(target, cst.Attribute):
        base = body.value(target.value)
        body.emit("delete", at, path(base, target.attr.value), base, target.attr.value)
    elif isinstance(target, cst.Subscript):
        on = body.value(target.value)
        body.raising("delete", at, None, on, None, index_args(body, target))
    elif isinstance(target, (cst.Tuple, cst.List)):
        for element in target.elements:
            delete(body, element.value)
    else:
        body.value(target)


def names_in(target: cst.CSTNode) -> list[str]:
    """The variables a target binds."""
    found: list[str] = []
    stack = [target]
    while stack:
        node = stack.pop()
        if isinstance(node, cst.Name):
            found.append(node.value)
        elif isinstance(node, (cst.Tuple, cst.List)):
            stack.extend(element.value for element in node.elements)
        elif isinstance(node, cst.StarredElement):
            stack.append(node.value)
    return found
