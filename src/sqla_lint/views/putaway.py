"""Attributes and globals that keep mapped objects, over the whole project: who puts them there, and
whether they stay as they were."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds, queues
from sqla_lint.flow.root import Position
from sqla_lint.flow.stored import attaches, is_used_again
from sqla_lint.flow.stores import PUTTING, Store, handling, makes, what_is_put
from sqla_lint.ir import Const, Op, Operand, Place
from sqla_lint.project.callers import called
from sqla_lint.project.infer import Typed
from sqla_lint.views.calling import calls
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_project
from sqla_lint.views.putthrough import (
    HANDED_ON,
    given_for,
    handed,
    label_of,
    parameter_of,
    parameter_put,
)

_MAKERS = frozenset({"defaultdict", "deque", "dict", "list", "OrderedDict", "set"})
_QUEUES = frozenset(name[: -len("()")].rpartition(".")[2] for name in queues.QUEUES)


class Put(NamedTuple):
    """An operation that puts an object, or several, into a store, or calls what does so; ``place``
    is the name of what is put there."""

    typed: Typed
    op: Op
    place: Place


class _Book(NamedTuple):
    puts: dict[Store, list[tuple[str, Position]]]
    takes: dict[Store, dict[str, list[Position]]]
    lost: set[Store]
    made: set[Store]
    # the functions that put what they are given for a parameter into stores
    through: dict[str, set[tuple[str, Store]]]
    answers: dict[tuple[Store, str], tuple[Put, ...]]  # of `put_into`


@per_project
def _book(function: Function) -> _Book:
    book = _Book({}, {}, set(), set(), {}, {})
    waiting: list[tuple[str, str, Store, int]] = []
    for label, typed in function.project.typed.items():
        handled = handling(function.project, typed)
        for store, at in handled.puts:
            book.puts.setdefault(store, []).append((label, at))
            parameter = parameter_put(typed, at)
            if parameter:
                waiting.append((label, parameter, store, HANDED_ON))
        for store, at in handled.takes:
            book.takes.setdefault(store, {}).setdefault(label, []).append(at)
        book.lost.update(handled.lost)
        book.made.update(handled.made)
    while waiting:
        label, parameter, store, depth = waiting.pop()
        book.through.setdefault(label, set()).add((parameter, store))
        for one in given_for(function, label, parameter) if depth else ():
            above = parameter_of(one.typed, one.place)
            if above:
                waiting.append((label_of(one.typed), above, store, depth - 1))
    return book


def put_into(function: Function, store: Store, name: str) -> tuple[Put, ...]:
    """All that is ever put into a store, as far as what is taken out of it is as it was put there,
    with regard to one attribute; else nothing."""
    book = _book(function)
    key = (store, name)
    if key not in book.answers:
        book.answers[key] = _put_into(function, book, store, name)
    return book.answers[key]


def _put_into(function: Function, book: _Book, store: Store, name: str) -> tuple[Put, ...]:
    typed = function.project.typed
    if store in book.lost or store not in book.puts or _is_put_unseen(function, store):
        return ()
    called = calls(function)
    for label, takes in book.takes.get(store, {}).items():
        if attaches(typed[label], takes, name):
            return ()
        for caller, at in called.get(label, ()):
            if attaches(typed[caller], (at,), name):
                return ()
    found: list[Put] = []
    sent = any(makes(typed[label].function.blocks[n].ops[i]) for label, (n, i) in book.puts[store])
    if sent and book.made & {store, Store(store.owner, "")}:
        return ()  # others of its class are not sent away
    for label, at in book.puts[store]:
        one = typed[label]
        if sent and label.endswith(".__init__"):
            continue  # what that is given stands where the object is made
        value, kind = what_is_put(one, at)
        if kind.name == kinds.NONE:
            continue
        parameter = parameter_put(one, at)
        if parameter:
            more = _put_through(function, book, store, name, label, parameter)
            if more is None:
                return ()
            found += more
            continue
        if is_used_again(one, at, store, handling(function.project, one)):
            return ()
        found.append(Put(one, one.function.blocks[at[0]].ops[at[1]], str(value)))
    return tuple(found)


def _put_through(
    function: Function,
    book: _Book,
    store: Store,
    name: str,
    label: str,
    parameter: str,
    depth: int = HANDED_ON,
) -> list[Put] | None:
    """What a function is given for a parameter that it puts into a store; None when that is not
    known, or may be something else by the end of its session."""
    given = handed(function, label, parameter, name, book.through)
    if given is None or not depth:
        return None
    found: list[Put] = []
    for one in given:
        above = parameter_of(one.typed, one.place)
        if above:
            own = label_of(one.typed)
            more = _put_through(function, book, store, name, own, above, depth - 1)
            if more is None:
                return None
            found += more
            continue
        inside = _called_in(function, one.typed)
        others = frozenset(at for at, callee in inside if callee in book.through)
        if is_used_again(one.typed, one.at, store, handling(function.project, one.typed), others):
            return None
        found.append(Put(one.typed, function.of(one.typed).op(one.at), one.place))
    return found


def _called_in(function: Function, typed: Typed) -> Iterator[tuple[Position, str]]:
    """The functions of the project that a function calls."""
    for number, i, op in function.of(typed).call_positions:
        callee = called(function.project.knowledge, op, typed.on[number][i])
        yield (number, i), callee.label


def put_away(function: Function, name: str) -> frozenset[int]:
    """The operations of a function that put something into a store where it stays as it is, with
    regard to one attribute, by their ids."""
    typed = function.typed
    found = {
        id(typed.function.blocks[number].ops[i])
        for store, (number, i) in handling(function.project, typed).puts
        if put_into(function, store, name)
    }
    through = _book(function).through
    for at, callee in _called_in(function, typed) if through else ():
        for _, store in through.get(callee, ()):
            op = function.op(at)
            found |= {id(op) for put in put_into(function, store, name) if put.op is op}
    return frozenset(found)


def _is_put_unseen(function: Function, store: Store) -> bool:
    """A method that has nothing of a database puts there what it was given."""
    knowledge = function.project.knowledge
    place = f".{store.name}"
    for label in knowledge.classes.by_label if store.owner else ():
        ancestry = knowledge.classes.ancestry(label)
        if ancestry[-1].label != store.owner:
            continue
        for method in ancestry[0].methods.values():
            entry = knowledge.functions.get(method)
            if entry is None or method in function.project.typed:
                continue
            ops = [op for block in entry[1].blocks for op in block.ops]
            empty = {op.dst for op in ops if _is_empty(op)}
            for op in ops:
                fills = op.do == "setitem" or (op.do == "call" and op.name in PUTTING)
                if fills and str(op.on).endswith(place):
                    return True
                sets = op.do == "setattr" and op.name == store.name
                if sets and any(not _is_plain(arg.value, empty) for arg in op.args):
                    return True
    return False


def _is_empty(op: Op) -> bool:
    """`{}`, `dict()`, `defaultdict(list)`, `asyncio.Queue()`: a container is made, and no value is
    given to it."""
    called = op.name or str(op.on).rpartition(".")[2]
    makes = op.do == "call" and (called in _QUEUES or (op.name is None and called in _MAKERS))
    return makes or (op.do == "pack" and not op.args)


def _is_plain(operand: Operand, empty: set[Place | None]) -> bool:
    return isinstance(operand, Const) or operand in empty
