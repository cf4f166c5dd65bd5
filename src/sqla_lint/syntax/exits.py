"""Lowers ``try`` and ``with``: the statements that change where the ways out lead."""

from __future__ import annotations

from typing import Final

import libcst as cst

from sqla_lint.ir import Ann, Arg, Const, Edge, Handler
from sqla_lint.syntax.annotations import Annotations
from sqla_lint.syntax.body import Body, StatementTable
from sqla_lint.syntax.fields import BACKWARDS
from sqla_lint.syntax.statements import suite
from sqla_lint.syntax.targets import assign, store
from sqla_lint.syntax.ways import ALL_WAYS, LEAVE_NAMES, Frame, Way, lead

# `finally` in `finally` multiplies copies: up to five ways at each level. Deeper than this, one
# copy serves all ways, and its end leads to all of them.
COPY_DEPTH: Final = 2

CATCH_ALL: Final = frozenset(
    {"Exception", "BaseException", "builtins.Exception", "builtins.BaseException"}
)

FROM_FINALLY: Final = "from finally"


def try_(body: Body, node: cst.Try | cst.TryStar) -> None:
    final = node.finalbody
    if final is None:
        _handled(body, node)
    else:
        _finally(body, node, final.body)


# --- finally


def _finally(body: Body, node: cst.Try | cst.TryStar, final: cst.BaseSuite) -> None:
    outer, loops, copying = body.frame, body.loops, body.copying
    at = body.ref(node)
    merged = copying >= COPY_DEPTH
    made: list[tuple[int, int]] = []  # the copies: where each starts and ends
    after = body.block()

    def copy(way: Way) -> int:
        if not (merged and made):
            start = body.block(loops)
            body.copying = copying + 1
            with body.elsewhere(start, outer, loops):
                suite(body, final)
                body.fresh()
                made.append((start, len(body.blocks) - 1))
            body.copying = copying
        start, end = made[-1]
        onward = body.block(loops)
        body.blocks[end].edges.append(Edge(onward))
        with body.elsewhere(onward, outer, loops):
            if way == "exc":
                body.raising("raise", at, None, None, FROM_FINALLY)
            else:
                body.edge(after if way == "fall" else lead(outer, way))
        return start

    frame = Frame(outer, {}, ALL_WAYS, copy)
    with body.framed(frame):
        body.fresh()
        _handled(body, node)
    body.go(lead(frame, "fall"))
    body.start(after)


# --- handlers


def _handled(body: Body, node: cst.Try | cst.TryStar) -> None:
    if not node.handlers:
        suite(body, node.body)
        return
    outer = body.frame
    dispatch, after = body.block(), body.block()
    frame = Frame(outer, {"exc": dispatch})
    wary = body.wary
    body.wary = wary or not may_raise(node.body)
    with body.framed(frame):
        body.fresh()
        suite(body, node.body)
    body.wary = wary
    body.fresh()
    if node.orelse is not None:
        suite(body, node.orelse.body)
    body.go(after)
    if isinstance(node, cst.TryStar):
        _star_handlers(body, node, dispatch, after)
    else:
        _handlers(body, node, dispatch, after)
    body.start(after)


def _handlers(body: Body, node: cst.Try, dispatch: int, after: int) -> None:
    entries: list[Handler] = []
    for handler in node.handlers:
        start = body.block()
        body.start(start)
        entries.append(Handler(_handler(body, handler), start, body.ref(handler)))
        body.go(after)
    block = body.blocks[dispatch]
    block.handlers = tuple(entries)
    if not any(catches_all(entry) for entry in entries):
        block.edges.append(Edge(lead(body.frame, "exc"), "pass"))


def _star_handlers(body: Body, node: cst.TryStar, dispatch: int, after: int) -> None:
    """Each clause may take a part of the group; the rest goes on to the clauses below it.

    After a clause, the way leads on normally and, for what is left of the group, to a dispatch of
    the clauses below.
    """
    entries: list[Handler] = []
    ends: list[int] = []
    for handler in node.handlers:
        start = body.block()
        body.start(start)
        entries.append(Handler(_handler(body, handler), start, body.ref(handler)))
        end = body.block()
        body.fall(end)
        body.edge(after)
        ends.append(end)
        body.dead_end()
    rest = dispatch
    for index, end in enumerate(ends):
        block = body.blocks[rest]
        block.handlers = tuple(entries[index:])
        if any(catches_all(entry) for entry in entries[index:]):
            if catches_all(entries[index]):
                break
        else:
            block.edges.append(Edge(lead(body.frame, "exc"), "pass"))
        if index + 1 < len(ends):
            rest = body.block()
            body.blocks[end].edges.append(Edge(rest))
        else:
            again = body.block()
            body.blocks[end].edges.append(Edge(again))
            body.start(again)
            body.raising("raise", entries[index].at, None, None, FROM_FINALLY)
            body.dead_end()


def _handler(body: Body, node: cst.ExceptHandler | cst.ExceptStarHandler) -> tuple[Ann, ...]:
    """The clause, up to its normal end, where Python unbinds the name. Returns its types."""
    types: tuple[Ann, ...] = ()
    if node.type is not None:
        types = Annotations(body.ref, body.read).exceptions(node.type)
    ann: Ann | None = None
    if types:
        ann = types[0] if len(types) == 1 else Ann("union", args=types, at=types[0].at)
    at = body.ref(node)
    if node.name is None:
        body.emit("catch", at, None, None, None, (), ann)
        suite(body, node.body)
        return types
    target = node.name.name
    place, rest = store(body, target)
    body.emit("catch", at, place, None, None, (), ann)
    suite(body, node.body)
    if rest is None:
        body.emit("delete", at, place)
    return types


def catches_all(handler: Handler) -> bool:
    return not handler.types or any(one.name in CATCH_ALL for one in handler.types)


_RAISING: Final = frozenset(
    {
        cst.Assert,
        cst.Await,
        cst.Call,
        cst.CompFor,
        cst.For,
        cst.Import,
        cst.ImportFrom,
        cst.LazyImport,
        cst.LazyImportFrom,
        cst.Raise,
        cst.Subscript,
        cst.With,
        cst.Yield,
    }
)


def may_raise(node: cst.CSTNode) -> bool:
    """Is there anything in these statements that raises in the model?

    If not, the author of the ``try`` thought of an attribute, a name, an addition: then these
    raise too (`Body.wary`).
    """
    stack: list[cst.CSTNode] = [node]
    while stack:
        one = stack.pop()
        kind = type(one)
        if kind in _RAISING:
            return True
        if kind is cst.FunctionDef or kind is cst.Lambda or kind is cst.Annotation:
            continue
        children = BACKWARDS[kind]
        if children is None:
            continue
        for child in children(one):
            if isinstance(child, (tuple, list)):
                stack.extend(child[::-1])
            elif isinstance(child, cst.CSTNode):
                stack.append(child)
    return False


# --- with


def with_(body: Body, node: cst.With) -> None:
    _with(body, node, 0)


def _with(body: Body, node: cst.With, index: int) -> None:
    if index == len(node.items):
        suite(body, node.body)
        return
    item = node.items[index]
    manager = body.value(item.item)
    at = body.ref(item)
    is_async = node.asynchronous is not None
    args = (Arg(Const("async"), at),) if is_async else ()
    place, rest = (None, None) if item.asname is None else store(body, item.asname.name)
    body.raising("enter", at, place, manager, "async" if is_async else None)
    outer, loops = body.frame, body.loops
    after = body.block()

    def out(way: Way) -> int:
        start = body.block(loops)
        with body.elsewhere(start, outer, loops):
            body.raising("leave", at, None, manager, LEAVE_NAMES[way], args)
            if way == "exc":
                again = body.block()
                body.edge(after, "swallow")
                body.fall(again)
                body.raising("raise", at, None, None, FROM_FINALLY)
            else:
                body.edge(after if way == "fall" else lead(outer, way))
        return start

    frame = Frame(outer, {}, ALL_WAYS, out)
    with body.framed(frame):
        body.fresh()
        if rest is not None and place is not None:
            assign(body, rest, place)
        _with(body, node, index + 1)
    body.go(lead(frame, "fall"))
    body.start(after)


TABLE: Final[StatementTable] = {
    cst.Try: try_,
    cst.TryStar: try_,
    cst.With: with_,
}
