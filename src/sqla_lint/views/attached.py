"""Which async session loads what is awaited of an object: `await user.awaitable_attrs.posts`."""

from __future__ import annotations

from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.flow.origins import Origin
from sqla_lint.flow.reads import ASKED
from sqla_lint.flow.root import NOWHERE, SELF
from sqla_lint.ir import Op, Operand, Place
from sqla_lint.project.iteration import hands_on
from sqla_lint.project.kind import AWAITABLES, Kind, dotted_label
from sqla_lint.views.entities import reader
from sqla_lint.views.function import Function

# What gives an object, or a part of what holds it, of what it is done on.
_FROM = frozenset({"await", "getattr", "getitem", "move", "next", "unpack"})
_OF_SEVERAL = frozenset({"binop", "boolop", "ifelse", "pack"})
_HOLDING = frozenset(
    {kinds.COLLECTION, kinds.COROUTINE, kinds.DICT, kinds.LIST, kinds.RESULT, kinds.ROW}
    | {kinds.SCALARS, kinds.SET, kinds.TUPLE}
)
# An object is looked for through so many names, results and collections.
_LINKS = 24


class Attached(NamedTuple):
    """A session by its name in a function."""

    name: Place
    kind: Kind


def asked_of(function: Function, op: Op, on: Kind) -> Operand | None:
    """The object whose attribute an operation gives as a coroutine; None for all others."""
    if op.do != "getattr" or on.name != AWAITABLES or op.on is None:
        return None
    for made, _ in _bound(function, op.on):
        if made.do == "getattr" and made.name == ASKED:
            return made.on
        if made.do == "move":
            found = asked_of(function, op._replace(on=made.on), on)
            if found is not None:
                return found
    return None


def session_of(function: Function, place: Operand | None) -> Attached | None:
    """The session that an object, or a collection of objects, of a function hangs on, when all that
    it may be hangs on the same."""
    begun = {
        function.op(origin.root.position).at: origin
        for origin in reader(function).origins(function)
        if origin.root.position != NOWHERE
        and origin.session is not None
        and origin.session.kind.is_async
    }
    names: set[Attached] = set()
    seen: set[Operand] = set()
    waiting = [place]
    while waiting:
        one = waiting.pop()
        if one in seen or not isinstance(one, str):
            continue
        seen.add(one)
        made = _bound(function, one)
        if not made or len(seen) > _LINKS:
            return None
        for op, on in made:
            origin = begun.get(op.at)
            if origin is not None:
                names.add(_named(origin))
            elif op.do in _FROM or (op.do == "call" and on.name in _HOLDING):
                waiting.append(op.on)
            elif op.do in _OF_SEVERAL or (op.do == "call" and hands_on(dotted_label(on, op.name))):
                waiting += [arg.value for arg in op.args]
            else:
                return None
    return names.pop() if len(names) == 1 else None


def _bound(function: Function, place: Operand) -> list[tuple[Op, Kind]]:
    """The operations that may have made a value, with the kinds of what they are done on."""
    on = function.typed.on
    return [
        (op, on[number][i])
        for number, i, op in function.positions
        if op.dst == place and op.do != "delete"
    ]


def _named(origin: Origin) -> Attached:
    assert origin.session is not None
    names = sorted(place for place, role in origin.session.names if role == SELF)
    given = [name for name in names if name[0] != "%"]
    return Attached((given or names or [""])[0], origin.session.kind)


def awaits_parts(function: Function, label: str, parameter: str, model: str) -> bool:
    """A function, or one that it hands the object to, asks an object that it is given for its
    `awaitable_attrs`."""
    return ASKED in reader(function).summaries.of(label, parameter, model).maybe
