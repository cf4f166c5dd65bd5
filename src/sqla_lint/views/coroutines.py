"""Coroutines of async sessions, and of functions that use them, that nobody awaits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Const, Op, Operand
from sqla_lint.project.callers import called
from sqla_lint.project.kind import NAME, Kind
from sqla_lint.views.beside import makers
from sqla_lint.views.function import Function, Operation

_OF_COROUTINES = frozenset({"__await__", "close", "send", "throw"})
_USING = frozenset({"getattr", "getitem", "unpack", "next", "test", "compare", "augassign"})
_COMBINING = frozenset({"binop", "augassign", "compare", "format"})
# What gives the coroutines on that it is made of; a generator that nobody reads makes none.
_HOLDING = frozenset({"boolop", "ifelse", "pack"})
# How far functions that return what another function returns are followed.
_DEPTH = 3
_READERS = frozenset(
    f"builtins.{name}"
    for name in [
        *("len", "list", "str", "int", "bool", "float", "dict", "set", "tuple", "sorted"),
        *("sum", "any", "all", "max", "min", "print", "iter", "next"),
    ]
)


class Unawaited(NamedTuple):
    """A coroutine that is used as if it were its result, or not at all (``use`` None)."""

    call: Op  # that made it
    on: Kind
    use: Op | None


def unawaited(function: Function) -> Iterator[Unawaited]:
    """Coroutines that are thrown away, never read, or taken for what they would give."""
    typed = function.typed
    if kinds.COROUTINE not in typed.present:
        return
    chained = {chain[0].op.dst for chain in awaited_chains(function)}
    awaited = {op.on for block in typed.function.blocks for op in block.ops if op.do == "await"}
    said: set[int] = set()
    for number, block in enumerate(typed.function.blocks):
        for i, op in enumerate(block.ops):
            if len(typed.args[number][i]) != len(op.args):
                continue
            if op.do in _HOLDING and (op.discarded or _is_lost(function, op)):
                for call, on in _held(function, op):
                    if id(call) not in said:
                        said.add(id(call))
                        yield Unawaited(call, on, None)
                continue
            used = list(_used(function, op, typed.on[number][i], typed.args[number][i]))
            if not used and typed.dst[number][i].name != kinds.COROUTINE:
                continue
            if op.do == "call" and (op.discarded or _is_lost(function, op)):
                if is_coroutine(function, op, typed.on[number][i]):
                    yield Unawaited(op, _whose(function, op, typed.on[number][i]), None)
                continue
            for value in used:
                if value in chained or value in awaited:
                    continue
                made = list(makers(function, value))
                if len(made) != 1 or made[0][2].do != "call" or made[0][2].dst in chained:
                    continue
                n, k, call, _ = made[0]
                if call.dst in awaited or id(call) in said:
                    continue
                if is_coroutine(function, call, typed.on[n][k]):
                    said.add(id(call))
                    yield Unawaited(call, _whose(function, call, typed.on[n][k]), op)


def _held(function: Function, op: Op) -> Iterator[tuple[Op, Kind]]:
    """The coroutines in something that nobody reads: `[session.delete(x) for x in found]`."""
    typed = function.typed
    for arg in op.args if op.name != "gen" else ():
        for number, i, made, _ in makers(function, arg.value):
            on = typed.on[number][i]
            if made.do in _HOLDING:
                yield from _held(function, made)
            elif made.do == "call" and is_coroutine(function, made, on):
                yield made, _whose(function, made, on)


def _whose(function: Function, call: Op, on: Kind) -> Kind:
    """What the method is called on: that of a bound method, too."""
    method = called(function.project.knowledge, call, on)
    return method.of[0] if _is_of_sqlalchemy(method) else on


def _is_of_sqlalchemy(callee: Kind) -> bool:
    """A method of an object of SQLAlchemy's, kept somewhere: `drop = session.delete`."""
    return callee.name == "METHOD" and ":" not in callee.label and bool(callee.of)


def is_coroutine(function: Function, call: Op, on: Kind, depth: int = _DEPTH) -> bool:
    """The call gives a coroutine that runs statements: a member of SQLAlchemy's, or a function of
    the project that touches a database or returns such a coroutine."""
    member = Operation(function, call, on, (), on).member()
    if member is not None:
        return member.coroutine
    project = function.project
    callee = called(project.knowledge, call, on)
    if _is_of_sqlalchemy(callee):
        whose = callee.of[0]
        member = project.catalog.member(whose.name, whose.is_async, callee.label)
        return member is not None and member.coroutine
    label = callee.label
    entry = project.knowledge.functions.get(label)
    if entry is None or entry[1].is_generator:
        return False
    typed = project.typed.get(label)
    if not entry[1].is_async:
        return typed is not None and _returns_one(function.of(typed), label, depth - 1)
    return (
        typed is not None
        and not project.knowledge.decorators.get(label)
        and any(
            kind.name in (kinds.SESSION, kinds.CONNECTION) and kind.is_async
            for row in typed.on
            for kind in row
        )
    )


def _returns_one(function: Function, label: str, depth: int) -> bool:
    """All that a function returns is a coroutine that it made: `lambda x: session.delete(x)`."""
    typed = function.typed
    if depth == 0 or function.project.knowledge.decorators.get(label):
        return False
    returned = [op for block in typed.function.blocks for op in block.ops if op.do == "return"]
    for op in returned:
        made = list(makers(function, op.on)) if op.on is not None else []
        if not made or not all(
            call.do == "call" and is_coroutine(function, call, typed.on[n][k], depth)
            for n, k, call, _ in made
        ):
            return False
    return bool(returned)


def _is_lost(function: Function, op: Op) -> bool:
    """The result is bound to a variable that nothing reads."""
    readers = function.readers.get(op.dst or "", ())
    return any(
        other.do == "move"
        and other.dst is not None
        and other.dst.isidentifier()
        and other.dst != "_"
        and not function.is_read(other.dst)
        for other in readers[:1]
    )


def _used(function: Function, op: Op, on: Kind, args: tuple[Kind, ...]) -> Iterator[Operand]:
    """The coroutines that an operation takes for values."""
    taken = op.do in _USING or (
        op.do == "return" and function.entry == "route" and function.is_async
    )
    taken |= op.do == "call" and op.name is not None and op.name not in _OF_COROUTINES
    if taken and isinstance(op.on, str) and on.name == kinds.COROUTINE:
        yield op.on
    reads = op.do in _COMBINING or (
        op.do == "call" and op.name is None and on.name == NAME and on.label in _READERS
    )
    if reads:
        for arg, kind in zip(op.args, args, strict=True):
            if kind.name == kinds.COROUTINE and not isinstance(arg.value, Const):
                yield arg.value


def awaited_chains(function: Function) -> Iterator[tuple[Operation, list[Operation], Op]]:
    """`await session.scalars(q).all()`: the coroutine, the calls that are made on it although it
    is not awaited yet, and the `await`."""
    for block in function.typed.function.blocks:
        for op in block.ops:
            if op.do != "await":
                continue
            calls: list[Operation] = []
            made = function.maker(op.on)
            while made is not None and made.op.do == "call" and made.op.name:
                inner = function.maker(made.op.on)
                calls.insert(0, made)
                if made.on.name == kinds.COROUTINE:
                    if inner is not None and is_coroutine(function, inner.op, inner.on):
                        yield inner, calls, op
                    break
                made = inner
