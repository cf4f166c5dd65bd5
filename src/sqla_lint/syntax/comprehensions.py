"""Lowers comprehensions and generator expressions, as loops in the graph they stand in.

Each has a scope: its variables are places like ``x@3``. A generator expression is lowered as if
it ran to its end where it stands; that it runs later, or in part, is not modelled.
"""

from __future__ import annotations

from typing import Final

import libcst as cst

from sqla_lint.ir import Arg, Operand, Place
from sqla_lint.syntax.body import Body, ValueTable
from sqla_lint.syntax.conditions import branch
from sqla_lint.syntax.targets import assign, names_in, store

_NAMES: Final[dict[type[cst.CSTNode], str]] = {
    cst.ListComp: "listcomp",
    cst.SetComp: "setcomp",
    cst.GeneratorExp: "gen",
    cst.DictComp: "dictcomp",
    cst.StarredDictComp: "dictcomp",
}


def comprehension(
    body: Body,
    node: cst.ListComp | cst.SetComp | cst.GeneratorExp | cst.DictComp | cst.StarredDictComp,
) -> Operand:
    after = body.block()
    outer_comps, outer_loops = body.comps, body.loops
    body.last_comp += 1
    number = body.last_comp
    # The first iterable is evaluated outside of the scope.
    iterable = body.value(node.for_in.iter)
    variables: dict[str, Place] = {}
    part: cst.CompFor | None = node.for_in
    while part is not None:
        for name in names_in(part.target):
            variables[name] = f"{name}@{number}"
        part = part.inner_for_in
    body.comps = (*outer_comps, variables)

    done = after
    part = node.for_in
    head = done
    while part is not None:
        if part is not node.for_in:
            iterable = body.value(part.iter)
        head = _loop(body, part, iterable, done)
        done = head
        part = part.inner_for_in
    args = _elements(body, node)
    body.go(head)

    body.comps, body.loops = outer_comps, outer_loops
    body.start(after)
    dst = body.temp()
    body.emit("pack", body.ref(node), dst, None, _NAMES[type(node)], args)
    return dst


def _loop(body: Body, part: cst.CompFor, iterable: Operand, done: int) -> int:
    """One ``for`` with its ``if``s; the body goes on inside. Returns the block of the header."""
    body.last_loop += 1
    body.loops = (*body.loops, body.last_loop)
    head = body.block()
    body.fall(head)
    item = body.block()
    place, rest = store(body, part.target)
    name = None if part.asynchronous is None else "async"
    body.raising("next", body.ref(part.iter), place, iterable, name)
    body.edge(item, "item")
    body.edge(done, "done")
    body.start(item)
    if rest is not None:
        assign(body, rest, place)
    for condition in part.ifs:
        onward = body.block()
        branch(body, condition.test, onward, head)
        body.start(onward)
    return head


def _elements(
    body: Body,
    node: cst.ListComp | cst.SetComp | cst.GeneratorExp | cst.DictComp | cst.StarredDictComp,
) -> tuple[Arg, ...]:
    if isinstance(node, cst.DictComp):
        return tuple(Arg(body.value(one), body.ref(one)) for one in (node.key, node.value))
    if isinstance(node, cst.StarredDictComp):
        return (Arg(body.value(node.value), body.ref(node.value), None, 2),)
    element = node.elt
    if isinstance(element, cst.StarredElement):
        return (Arg(body.value(element.value), body.ref(element.value), None, 1),)
    return (Arg(body.value(element), body.ref(element)),)


TABLE: Final[ValueTable] = dict.fromkeys(_NAMES, comprehension)
