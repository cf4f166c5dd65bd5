"""Relationships that are loaded one by one, for each object of a loop."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import attribute_protocols as protocols
from sqla_lint.catalog import kinds
from sqla_lint.finding import Applicability, Confidence, Import, Replace, Rewrite
from sqla_lint.flow.attributes import Mapped
from sqla_lint.flow.entities import MANY
from sqla_lint.flow.origins import Origin
from sqla_lint.flow.root import NOWHERE
from sqla_lint.flow.solve import Trail, solve
from sqla_lint.ir import Op
from sqla_lint.views.entities import may_be_found, reader
from sqla_lint.views.function import Function, Operation

# Steps from a result back to the statement it is of.
CHAIN_LIMIT = 24

_RUNNERS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION})
_STATEMENTS = frozenset({kinds.SELECT, kinds.QUERY})


class LoopRead(NamedTuple):
    """A read that runs a statement in each turn of a loop."""

    op: Op
    attribute: Mapped
    origin: Origin
    trail: Trail | None


def lazy_loads_in_loops(function: Function) -> Iterator[LoopRead]:
    """Relationships that a loop loads object by object: one for each origin and attribute."""
    entities = reader(function)
    origins = [o for o in entities.origins(function) if _is_of_many(function, o)]
    if not origins:
        return
    names = entities.names(function, tuple(origins))
    for origin in origins:
        for name in sorted(names):
            attribute = entities.lazy_relationship(origin, name)
            if attribute is None or may_be_found(function, attribute):
                continue
            if entities.start(origin, attribute) != "bare":
                continue
            effects = entities.effects_of(origin, attribute)
            ends = solve(
                function.typed, protocols.LAZY_READ, (origin.root,), effects, Confidence.PLAIN
            ).ends
            reads = [e for e in ends if e.trail is not None and e.way == "fault"]
            for end in sorted(reads, key=lambda e: e.trail.op.at if e.trail else 0):
                if end.trail is not None and _is_in_loop(function, origin, end.trail.op):
                    yield LoopRead(end.trail.op, attribute, origin, end.trail)
                    break


def _is_of_many(function: Function, origin: Origin) -> bool:
    if origin.how not in ("loaded", "called") or origin.is_async:
        return False
    if origin.root.position == NOWHERE:
        return False
    return origin.root.role == MANY or function.op(origin.root.position).do == "next"


def _is_in_loop(function: Function, origin: Origin, read: Op) -> bool:
    """The read happens once for each object of the origin."""
    blocks = function.typed.function.blocks
    number = next(n for n, block in enumerate(blocks) if any(op is read for op in block.ops))
    start, made = origin.root.position[0], function.op(origin.root.position)
    if read.do == "call" and read.on is not None and _iterates(function, read):
        return True
    loops, outer = blocks[number].loops, blocks[start].loops
    deeper = len(loops) > len(outer) and loops[: len(outer)] == outer
    if not deeper and not (made.do == "next" and loops[: len(outer)] == outer and outer):
        return False
    loop = loops[len(outer)] if deeper else outer[-1]
    return _comes_again(function, number, loop)


def _iterates(function: Function, call: Op) -> bool:
    """`sorted(users, key=...)`: a function that goes through all of them."""
    operation = next(o for o in function.operations() if o.op is call)
    return operation.on.label in _GOING_THROUGH


_GOING_THROUGH = frozenset(f"builtins.{name}" for name in ("sorted", "filter", "map", "min", "max"))


def _comes_again(function: Function, start: int, loop: int) -> bool:
    """After this block the loop may take another turn."""
    blocks = function.typed.function.blocks
    seen: set[int] = set()
    waiting = [edge.to for edge in blocks[start].edges]
    while waiting:
        number = waiting.pop()
        if number in seen or loop not in blocks[number].loops:
            continue
        if any(op.do == "next" for op in blocks[number].ops) and blocks[number].loops[-1] == loop:
            return True
        seen.add(number)
        waiting += [edge.to for edge in blocks[number].edges]
    return False


def eager_option(function: Function, origin: Origin, attribute: Mapped) -> Rewrite | None:
    """The statement of an origin with a loader option for an attribute; None when the statement is
    not written in this function."""
    made = _statement(function, origin)
    if made is None:
        return None
    for arg, kind in zip(made.op.args, made.arg_kinds, strict=False):
        if kind.name == kinds.MAPPED_CLASS and kind.label == origin.model and not arg.star:
            loader = "joinedload" if attribute.many is False else "selectinload"
            option = f"{{{loader}}}({{1}}.{attribute.name})"
            return Rewrite(
                f"load it with the objects: `{loader}()`",
                Applicability.UNSAFE,
                (
                    Import("sqlalchemy.orm", loader),
                    Replace(made.at, f"{{0}}.options({option})", (made.at, arg.at)),
                ),
            )
    return None


def _statement(function: Function, origin: Origin) -> Operation | None:
    """The call of `select()` or `session.query()` that an origin goes back to."""
    if origin.how != "loaded":
        return None
    root = function.op(origin.root.position)
    operation = next((o for o in function.operations() if o.op is root), None)
    for _ in range(CHAIN_LIMIT):
        if operation is None:
            return None
        op = operation.op
        if op.do in ("await", "move", "next", "unpack", "getitem"):
            operation = _definition(function, op.on)
        elif op.do != "call":
            return None
        elif operation.on.name in _RUNNERS and op.name == "query":
            return operation
        elif operation.on.name in _RUNNERS:
            given = operation.arg_kinds[:1]
            if not given or given[0].name not in _STATEMENTS:
                return None
            operation = _definition(function, op.args[0].value)
        elif operation.result.name == kinds.SELECT and operation.on.name != kinds.SELECT:
            return operation if operation.arg_kinds else None
        else:
            operation = _definition(function, op.on)
    return None


def _definition(function: Function, operand: object) -> Operation | None:
    """The one operation that binds a place."""
    found = [o for o in function.operations() if o.op.dst == operand]
    return found[0] if len(found) == 1 else None
