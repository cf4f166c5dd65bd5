"""The keys that a dictionary of values may have which is not written in the call: one that the
function fills, or that a function of the project returns."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.ir import Const, Op, Operand
from sqla_lint.project.frames import Frame, Spot
from sqla_lint.project.texts import Reader
from sqla_lint.views.function import Call
from sqla_lint.views.sql import reader, spot

DEPTH = 4  # dictionaries made of dictionaries, and helpers that return what helpers return

_VALUES = (None, "params", "parameters")
_RUNNERS = frozenset({kinds.CONNECTION, kinds.SESSION, kinds.SCOPED_SESSION, kinds.COROUTINE})
_RUNS = frozenset({"execute", "scalar", "scalars", "stream", "stream_scalars"})
# What only looks at a dictionary.
_LOOKS = frozenset({"test", "next", "return", "getitem"})
_ASKS = frozenset({"len", "bool", "print", "sorted", "list"})
_READS = frozenset({"get", "items", "keys", "values", "copy"})


def keys_given(call: Call) -> frozenset[str] | None:
    """The names that may have a value in this call, all ways taken together; None when there may be
    others."""
    given = zip(call.op.args, call.arg_kinds, strict=True)
    others = [(arg, kind) for arg, kind in given if arg.keyword in _VALUES][1:]
    if len(others) != 1 or others[0][0].star:
        return None
    there = spot(call, *others[0])
    operand = others[0][0].value
    if there is None or not isinstance(operand, str):
        return None
    return keys_of(reader(call.function.project), there)


def keys_of(known: Reader, there: Spot) -> frozenset[str] | None:
    """The keys that a dictionary may have; None when there may be others."""
    return _keys(known, there, 0)


def _keys(known: Reader, there: Spot, depth: int) -> frozenset[str] | None:
    frame, place = there.frame, there.operand
    function = frame.typed.function
    if not isinstance(place, str) or depth > DEPTH:
        return None
    named = place[0] != "%"
    if named and (place not in function.locals or place in function.globals):
        return None
    if any(param.name == place for param in function.params):
        return None
    makers = list(known.origins.makers(there))
    found: frozenset[str] = frozenset()
    for made in makers:
        keys = _made(known, made, depth + 1) if made.frame is frame else None
        if keys is None:
            return None
        found |= keys
    added = _added(known, frame, place, depth + 1) if named else frozenset()
    return found | added if makers and added is not None else None


def _made(known: Reader, made: Spot, depth: int) -> frozenset[str] | None:
    frame, at = made.frame, made.at
    op, args = frame.op(at), frame.args(at)
    if op.do == "pack" and op.name == "dict":
        found: frozenset[str] = frozenset()
        for number in range(0, len(args), 2):
            if op.args[number].star or number + 1 >= len(args):
                return None
            name = _text(args[number].operand)
            if name is None:
                return None
            found |= {name}
        return found
    if op.do == "augassign" and op.name in ("|", "|=") and args:
        left, right = _keys(known, frame.on(at), depth), _keys(known, args[0], depth)
        return left | right if left is not None and right is not None else None
    if op.do != "call":
        return None
    if op.name is None and frame.on(at).kind.label == "builtins.dict":
        return _words(op)
    callee = known.frames.callee(frame, at)
    if (
        callee is None
        or callee.typed.function.is_generator
        or known.origins.is_wrapped(callee.label)
    ):
        return None
    if callee.typed.function.kind != "def" or "." in callee.typed.function.qualname:
        return None  # a subclass may have a method of its own
    ways = [_keys(known, one, depth) for one in callee.returned()]
    return _union(ways) if ways else None


def _union(ways: list[frozenset[str] | None]) -> frozenset[str] | None:
    found: frozenset[str] = frozenset()
    for one in ways:
        if one is None:
            return None
        found |= one
    return found


def _words(op: Op) -> frozenset[str] | None:
    names = [arg.keyword for arg in op.args if not arg.star]
    return frozenset(filter(None, names)) if len(names) == len(op.args) and all(names) else None


def _added(known: Reader, frame: Frame, place: str, depth: int) -> frozenset[str] | None:
    """The keys that the function puts in; None when something else may."""
    found: frozenset[str] = frozenset()
    for number, block in enumerate(frame.typed.function.blocks):
        for i, op in enumerate(block.ops):
            keys: frozenset[str] | None = frozenset()
            if op.do == "setitem" and op.on == place:
                name = _text(op.args[0].value)
                keys = frozenset({name}) if name is not None else None
            elif op.do == "call" and op.on == place and op.name == "setdefault":
                name = _text(op.args[0].value) if op.args else None
                keys = frozenset({name}) if name is not None else None
            elif op.do == "call" and op.on == place and op.name == "update":
                args = frame.args((number, i))
                plain = len(args) == 1 and op.args[0].keyword is None and not op.args[0].star
                keys = _keys(known, args[0], depth) if plain else _words(op)
            elif not _only_looks(frame, (number, i), op, place):
                keys = None
            if keys is None:
                return None
            found |= keys
    return found


def _only_looks(frame: Frame, at: tuple[int, int], op: Op, place: str) -> bool:
    given = [arg.value for arg in op.args]
    if op.do in _LOOKS or op.dst == place or (op.on != place and place not in given):
        return True
    if op.do != "call":
        return False
    if op.on == place:
        return op.name in _READS
    if op.name is None:
        return op.on in _ASKS
    return op.name in _RUNS and frame.on(at).kind.name in _RUNNERS


def _text(operand: Operand) -> str | None:
    value = operand.value if isinstance(operand, Const) else None
    return value if isinstance(value, str) else None
