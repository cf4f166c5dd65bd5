"""Work on the database of a session that goes past the session, over a connection of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqla_lint.catalog import kinds
from sqla_lint.flow.root import Position, Root
from sqla_lint.flow.uses import Use
from sqla_lint.ir import Op
from sqla_lint.project.callers import called
from sqla_lint.project.infer import infer
from sqla_lint.project.kind import FUNCTIONS, Kind
from sqla_lint.views.behind import Definitions, behind, definitions
from sqla_lint.views.function import Function, Operation
from sqla_lint.views.once import per_function

# A helper of a helper; a longer chain is hard to follow for a reader, too.
DEPTH = 2

_HANDLES = (kinds.SESSION, kinds.CONNECTION)
_CHANGES = frozenset({"write", "flush"})
_STATEMENTS = frozenset({kinds.INSERT, kinds.UPDATE, kinds.DELETE, kinds.SELECT})
_SOURCES = re.compile(r"\b(?:from|join)\s+(?:\w+\.)?[\"`]?(\w+)", re.IGNORECASE)


def apart(function: Function) -> tuple[Root, ...]:
    """Sessions and connections that the function makes, or that a block lends it."""
    found = (*function.made(*_HANDLES), *function.borrowed_in_block(*_HANDLES))
    return tuple(
        root
        for root in dict.fromkeys(found)
        if root.kind.label
        and not function.is_legacy(root.kind)
        and "autocommit" not in root.kind.traits
    )


def written_by_helpers(function: Function, root: Root) -> set[Position]:
    """Calls of functions of the project that write on the same engine, in a transaction that they
    make themselves."""
    found: set[Position] = set()
    for number, i, op in function.call_positions:
        callee = called(function.project.knowledge, op, function.typed.on[number][i])
        if callee.name in FUNCTIONS and root.kind.label in _writes(function, callee.label, DEPTH):
            found.add((number, i))
    return found


def _writes(function: Function, label: str, depth: int) -> frozenset[str]:
    """The engines on which a function writes in transactions of its own."""
    known: dict[str, frozenset[str]] = function.project.memo.setdefault("writes apart", {})  # type: ignore[assignment]
    if label not in known:
        known[label] = frozenset()  # a function that calls itself adds nothing
        knowledge = function.project.knowledge
        code = knowledge.functions.get(label)
        if code is None or code[1].is_generator or knowledge.decorators.get(label):
            return known[label]
        typed = function.project.typed.get(label)
        if typed is None:  # nothing of SQLAlchemy's is in sight in it
            knowledge.asked = {}
            typed = infer(*code, knowledge, ())
        known[label] = frozenset(_written(function.of(typed), depth))
    return known[label]


def _written(helper: Function, depth: int) -> Iterator[str]:
    for root in apart(helper):
        if any(_CHANGES & set(use.happening.events) for use in helper.uses(root)):
            yield root.kind.label
    for number, i, op in helper.call_positions if depth else ():
        callee = called(helper.project.knowledge, op, helper.typed.on[number][i])
        if callee.name in FUNCTIONS:
            yield from _writes(helper, callee.label, depth - 1)


def read_apart(function: Function, root: Root) -> set[Position]:
    """Where rows of a table that is written on ``root`` are read over another connection of the
    same engine."""
    others = [other for other in apart(function) if other != root]
    others = [other for other in others if other.kind.label == root.kind.label]
    if not others or not root.kind.label:
        return set()
    defined = definitions(function)
    where = {id(op): (number, i) for number, i, op in function.positions}
    changed = {
        name for use in function.uses(root) if _is_change(use) for name in _named(function, use)
    }
    found: set[Position] = set()
    for other in others:
        for use in function.uses(other):
            reads = use.op.do == "call" and "read" in use.happening.events
            if reads and changed & set(_read(function, defined, use)):
                found.add(where[id(use.op)])
    return found


def _is_change(use: Use) -> bool:
    return use.op.do == "call" and bool({"add", "write"} & set(use.happening.events))


def _named(function: Function, use: Use) -> Iterator[str]:
    """The tables of entities that are added, and of INSERT, UPDATE and DELETE."""
    for kind in use.args:
        if kind.name == kinds.ENTITY:
            yield from _table(function, kind)
        elif kind.name in _STATEMENTS:
            for of in kind.of[:1]:
                yield from _table(function, of)


def _read(function: Function, defined: Definitions, use: Use) -> Iterator[str]:
    for kind in use.args[:1]:
        if kind.name == kinds.TEXT:
            yield from _SOURCES.findall(kind.label)
    start = _operation(function, use.op)
    for operation in behind(defined, start) if start is not None else ():
        for kind in (operation.on, *operation.arg_kinds):
            if kind.name in (kinds.MAPPED_CLASS, kinds.TABLE):
                yield from _table(function, kind)


@per_function
def _operations(function: Function) -> dict[int, Operation]:
    return {id(one.op): one for one in function.operations()}


def _operation(function: Function, op: Op) -> Operation | None:
    return _operations(function).get(id(op))


def _table(function: Function, kind: Kind) -> Iterator[str]:
    """The name of the table."""
    models = function.project.models
    if kind.name in (kinds.MAPPED_CLASS, kinds.ENTITY):
        model = models.models.get(kind.label)
        table = models.table_of(model) if model is not None else None
        if table is not None and table.name:
            yield table.name
    elif kind.name == kinds.TABLE and kind.label:
        yield from (t.name for t in models.tables if t.label == kind.label and t.name)
