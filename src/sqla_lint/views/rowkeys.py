"""The keys of dictionaries: those that one surely has, those it may have, and what decides that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from sqla_lint.ir import Const, Op, Operand
from sqla_lint.project.definitions import Position
from sqla_lint.project.frames import Frame, Spot
from sqla_lint.project.texts import Reader
from sqla_lint.views.conditions import answers
from sqla_lint.ways import behind, leads

DEPTH = 5  # dictionaries made of dictionaries, and helpers that return what helpers return

_READS = frozenset({"get", "items", "keys", "values", "copy"})
_ASKS = frozenset({"len", "bool", "print", "sorted", "list", "isinstance", "str", "repr"})
_LOOKS = frozenset({"test", "next", "return", "yield", "getitem", "ifelse", "pack", "compare"})
_LOOKS |= {"format", "unary", "boolop"}
_PUTS = frozenset({"append", "insert", "extend", "appendleft"})

# What decides whether a key is there: an operand, where it is read.
Test: TypeAlias = Spot


class Keys(NamedTuple):
    """The keys of a dictionary. ``tests`` has those that decide about a key that it may have."""

    must: frozenset[str]
    may: frozenset[str]
    tests: tuple[tuple[str, Test], ...] = ()

    def beside(self, other: Keys) -> Keys:
        """With what another dictionary adds."""
        return Keys(self.must | other.must, self.may | other.may, self.tests + other.tests)


_NONE = Keys(frozenset(), frozenset())


def _only(key: str) -> Keys:
    return Keys(frozenset({key}), frozenset({key}))


class _Way(NamedTuple):
    """What a dictionary may be, and the tests that decide that it is this one."""

    keys: Keys
    tests: tuple[Test, ...]


def keys_of(known: Reader, there: Spot, depth: int = 0) -> Keys | None:
    """The keys of the dictionary that an operand holds; None when something else may put one in, or
    take one out."""
    frame, operand = there.frame, there.operand
    if not isinstance(operand, str) or depth > DEPTH or "." in operand:
        return None
    function = frame.typed.function
    found = frame.graph.definitions(operand, there.at, known.origins.admits(frame))
    if found.tested:
        return None
    if operand[0] != "%" and not _only_looked_at(frame, operand, there.at):
        return None
    ways: list[_Way] = []
    for at in found.positions:
        keys = _defined(known, frame, at, depth)
        filled = keys and _filled(known, there, at, keys, depth)
        if filled is None:
            return None
        ways.append(_Way(filled, tuple(t for t, _ in answers(frame, at))))
    if found.entry:
        given = frame.given.get(operand)
        plain = [given] if given is not None else []
        if not plain and operand not in {param.name for param in function.params}:
            plain = list(known.origins.outer(there))
        entered = keys_of(known, plain[0], depth + 1) if len(plain) == 1 else None
        if entered is None:
            return None
        ways.append(_Way(entered, ()))
    return _either(ways)


def _either(ways: list[_Way]) -> Keys | None:
    if not ways:
        return None
    must = frozenset.intersection(*(way.keys.must for way in ways))
    may = frozenset[str]().union(*(way.keys.may for way in ways))
    decided: list[tuple[str, Test]] = []
    for way in ways:
        decided += way.keys.tests
        decided += [(key, test) for key in sorted(may - must) for test in way.tests]
    return Keys(must, may, tuple(decided))


def _defined(known: Reader, frame: Frame, at: Position, depth: int) -> Keys | None:
    """What an operation makes."""
    op = frame.op(at)
    if op.do in ("move", "await"):
        return keys_of(known, frame.on(at), depth + 1)
    if op.do == "pack" and op.name == "dict":
        return _displayed(known, op, frame.args(at), depth)
    if op.do == "ifelse":
        if op.on is None:
            return None
        inner = [keys_of(known, one, depth + 1) for one in frame.args(at)]
        return (
            _either([_Way(keys, (frame.on(at),)) for keys in inner if keys is not None])
            if (None not in inner)
            else None
        )
    if op.do == "binop" and op.name == "|":
        return _both([keys_of(known, one, depth + 1) for one in frame.args(at)])
    if op.do == "augassign" and op.name in ("|", "|="):
        sides = [frame.on(at), *frame.args(at)]
        return _both([keys_of(known, one, depth + 1) for one in sides])
    return _called(known, frame, at, op, depth) if op.do == "call" else None


def _displayed(known: Reader, op: Op, args: list[Spot], depth: int) -> Keys | None:
    found = _NONE
    is_key = True  # keys and values alternate, but for a ``**other``
    for arg, spot in zip(op.args, args, strict=False):
        if not arg.star and not is_key:
            is_key = True
            continue
        text = _text(arg.value)
        inner: Keys | None
        if arg.star:
            inner = keys_of(known, spot, depth + 1)
        else:
            is_key = False
            inner = _only(text) if text is not None else None
        if inner is None:
            return None
        found = found.beside(inner)
    return found


def _both(sides: list[Keys | None]) -> Keys | None:
    found = _NONE
    for one in sides:
        if one is None:
            return None
        found = found.beside(one)
    return found


def _called(known: Reader, frame: Frame, at: Position, op: Op, depth: int) -> Keys | None:
    if op.name is None and frame.on(at).kind.label == "builtins.dict":
        return _words(known, frame, at, op, depth)
    if op.name == "copy" and not op.args:
        return keys_of(known, frame.on(at), depth + 1)
    callee = known.frames.callee(frame, at)
    if callee is None or callee.typed.function.is_generator:
        return None
    if known.origins.is_wrapped(callee.label):
        return None
    ways: list[_Way] = []
    for one in callee.returned():
        keys = keys_of(known, one, depth + 1)
        if keys is None:
            return None
        ways.append(_Way(keys, tuple(test for test, _ in answers(callee, one.at))))
    return _either(ways)


def _words(known: Reader, frame: Frame, at: Position, op: Op, depth: int) -> Keys | None:
    """The keys of ``dict(row, name=...)``, and those that ``update()`` puts in."""
    found = _NONE
    for arg, spot in zip(op.args, frame.args(at), strict=False):
        inner: Keys | None
        if arg.keyword is not None:
            inner = _only(arg.keyword)
        else:
            inner = keys_of(known, spot, depth + 1) if arg.star != 1 else None
        if inner is None:
            return None
        found = found.beside(inner)
    return found


# --- what is put in later --------------------------------------------------------------------


def _filled(known: Reader, there: Spot, made: Position, keys: Keys, depth: int) -> Keys | None:
    """With what the function puts in under the name between where it is made and where it is
    read."""
    frame, place = there.frame, str(there.operand)
    if place[0] == "%":
        return keys
    put: list[tuple[Position, Keys]] = []
    for at, op in _changes(frame, place):
        if made not in frame.graph.definitions(place, at, known.origins.admits(frame)).positions:
            continue
        changes_later = leads(frame.typed.function, there.at, at, past=made)
        added = None if changes_later else _put(known, frame, at, op, depth)
        if added is None:
            return None  # it may also have left by then, and change afterwards
        put.append((at, added))
    here = {(str(test.operand), holds) for test, holds in answers(frame, there.at)}
    for key in sorted({key for _, added in put for key in added.may} - keys.must):
        through = {at[0] for at, added in put if key in added.must}
        if _always(frame, made, through, there.at):
            keys = keys.beside(_only(key))
            continue
        decided = list[tuple[str, Test]]()
        for at, added in put:
            if key in added.may:
                decided += [one for one in added.tests if one[0] == key]
                asked = answers(frame, at)
                decided += [(key, t) for t, is_so in asked if (str(t.operand), is_so) not in here]
        keys = Keys(keys.must, keys.may | {key}, keys.tests + tuple(decided))
    return keys


def _changes(frame: Frame, place: str) -> Iterator[tuple[Position, Op]]:
    for number, block in enumerate(frame.typed.function.blocks):
        for i, op in enumerate(block.ops):
            if op.on != place:
                continue
            if op.do == "setitem" or (op.do == "call" and op.name in ("update", "setdefault")):
                yield (number, i), op


def _put(known: Reader, frame: Frame, at: Position, op: Op, depth: int) -> Keys | None:
    if op.do == "call" and op.name == "update":
        return _words(known, frame, at, op, depth)
    text = _text(op.args[0].value) if op.args else None
    return _only(text) if text is not None else None


def _always(frame: Frame, made: Position, through: set[int], read: Position) -> bool:
    """No way leads from one operation to another without one of the blocks between."""
    if not through.isdisjoint((made[0], read[0])):
        return True
    blocks = frame.typed.function.blocks
    starts = [edge.to for edge in blocks[made[0]].edges]
    return bool(through) and read[0] not in behind(blocks, starts, stop=through | {made[0]})


def _only_looked_at(frame: Frame, place: str, read: Position) -> bool:
    """Beside what `_changes` tells, nothing is done to it that may change its keys."""
    for number, block in enumerate(frame.typed.function.blocks):
        for i, op in enumerate(block.ops):
            given = [arg.value for arg in op.args]
            if op.on != place and place not in given:
                continue
            if op.do in _LOOKS or op.do in ("move", "leave", "enter") or (number, i) == read:
                continue
            if op.do in ("setitem", "augassign", "binop"):
                continue
            if op.do != "call":
                return False
            if op.on == place:
                if op.name not in _READS | {"update", "setdefault"}:
                    return False
            elif op.name is None:
                if op.on not in _ASKS | {"dict"}:
                    return False
            elif op.name not in _PUTS | {"update"}:
                return False
    return True


def _text(operand: Operand) -> str | None:
    value = operand.value if isinstance(operand, Const) else None
    return value if isinstance(value, str) else None
