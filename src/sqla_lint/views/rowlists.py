"""Lists of rows that are written: what puts dictionaries into them, in which order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Op
from sqla_lint.project.definitions import Position
from sqla_lint.project.frames import Frame, Spot
from sqla_lint.project.texts import Reader
from sqla_lint.views.conditions import differs_by_turn
from sqla_lint.views.rowkeys import Keys, keys_of
from sqla_lint.ways import leads

DEPTH = 5  # lists made of lists, and helpers that return what helpers return
CALLERS = 24  # that hand a list to the function

_DISPLAYS = frozenset({"list", "tuple"})
_COMPREHENSIONS = frozenset({"listcomp", "gen"})
_COPIES = frozenset({"builtins.list", "builtins.tuple", "builtins.iter"})
_MIXED = frozenset({"builtins.sorted", "builtins.reversed"})
_ADDS = frozenset({"append", "extend"})
_READS = frozenset({"copy", "count", "index", "__len__"})
_SORTS = frozenset({"sort", "reverse", "insert"})
_ASKS = frozenset({"len", "bool", "any", "all", "list", "tuple", "print", "isinstance", "sorted"})
_LOOKS = frozenset({"test", "return", "ifelse", "compare", "unary", "boolop", "format", "move"})
_READS_OF_ROW = frozenset({"get", "items", "keys", "values", "copy"})
_RUNNERS = frozenset({kinds.CONNECTION, kinds.SESSION, kinds.SCOPED_SESSION})


class Put(NamedTuple):
    """What puts a row into a list, in ``frame``; ``keys`` is None where the row is not known.
    ``uneven``: keys that it gives to one row, and not to another."""

    frame: Frame
    at: Position
    ref: int
    path: str  # of the file in which the row is written
    keys: Keys | None
    many: bool = False
    uneven: frozenset[str] = frozenset()


class Listing(NamedTuple):
    """One list. ``base`` is what it is made with, in order, ``added`` what is put behind it."""

    base: tuple[Put, ...] = ()
    added: tuple[Put, ...] = ()
    ordered: bool = True

    @property
    def puts(self) -> tuple[Put, ...]:
        """All of them."""
        return self.base + self.added


class _Active:
    """The lists that are being read: one that grows in a loop is made of itself."""

    def __init__(self) -> None:
        self.at: set[tuple[str, Position]] = set()


def listings(known: Reader, there: Spot) -> list[Listing]:
    """The lists that an operand may hold, as far as they are known; also those that the callers of
    the function hand to it."""
    return _lists(known, there, _Active(), 0)


def _lists(known: Reader, there: Spot, active: _Active, depth: int) -> list[Listing]:
    frame, place = there.frame, there.operand
    if not isinstance(place, str) or depth > DEPTH or "." in place:
        return []
    if place[0] != "%" and _is_changed(frame, place, there.at):
        return []
    found: list[Listing] = []
    bound = frame.graph.definitions(place, there.at, known.origins.admits(frame))
    for at in bound.positions:
        if (frame.label, at) in active.at:
            found.append(Listing())
            continue
        active.at.add((frame.label, at))
        for one in _defined(known, frame, at, active, depth):
            found.append(_grown(known, there, at, one, active, depth))
        active.at.discard((frame.label, at))
    if bound.entry:
        for given in _given(known, there, depth):
            found += _lists(known, given, active, depth + 1)
    return found


def _given(known: Reader, there: Spot, depth: int) -> list[Spot]:
    """What a parameter holds, or a name of an outer scope."""
    frame, place = there.frame, str(there.operand)
    if place in frame.given:
        return [frame.given[place]]
    if any(param.name == place for param in frame.typed.function.params):
        return known.frames.callers(frame.label, place)[:CALLERS] if depth < DEPTH else []
    return list(known.origins.outer(there))


def _defined(
    known: Reader, frame: Frame, at: Position, active: _Active, depth: int
) -> Iterator[Listing]:
    op = frame.op(at)
    args = frame.args(at)
    if op.do in ("move", "await"):
        yield from _lists(known, frame.on(at), active, depth + 1)
    elif op.do == "import":
        for one in known.origins.imported(frame, op):
            yield from _lists(known, one, active, depth + 1)
    elif op.do == "pack" and op.name in _DISPLAYS:
        yield _displayed(known, frame, at, op, active, depth)
    elif op.do == "pack" and op.name in _COMPREHENSIONS and len(args) == 1:
        yield Listing((_comprehended(known, frame, at, args[0]),))
    elif op.do in ("ifelse", "boolop"):
        for one in args:
            yield from _lists(known, one, active, depth + 1)
    elif op.do in ("binop", "augassign") and (op.name or "").rstrip("=") == "+":
        sides = [frame.on(at), *args] if op.do == "augassign" else args
        yield _joined(known, frame, at, sides, active, depth)
    elif op.do == "getitem" and _is_slice(frame, op):
        yield from _lists(known, frame.on(at), active, depth + 1)
    elif op.do == "call":
        yield from _called(known, frame, at, op, active, depth)


def _is_slice(frame: Frame, op: Op) -> bool:
    makers = frame.graph.makers.get(str(op.args[0].value), ()) if len(op.args) == 1 else ()
    return len(makers) == 1 and frame.op(makers[0]).name == "slice"


def _displayed(
    known: Reader, frame: Frame, at: Position, op: Op, active: _Active, depth: int
) -> Listing:
    found: list[Put] = []
    ordered = True
    for arg, spot in zip(op.args, frame.args(at), strict=False):
        if arg.star:
            inner = _only(known, spot, active, depth)
            found += inner.puts if inner is not None else [_unknown(frame, at, spot.ref)]
            ordered = ordered and inner is not None and inner.ordered
        else:
            found.append(_put(known, frame, at, spot.ref, keys_of(known, spot), frozenset()))
    return Listing(tuple(found), ordered=ordered)


def _only(known: Reader, there: Spot, active: _Active, depth: int) -> Listing | None:
    """The list that an operand holds, where there is one."""
    found = _lists(known, there, active, depth + 1)
    return found[0] if len(found) == 1 else None


def _joined(
    known: Reader, frame: Frame, at: Position, sides: list[Spot], active: _Active, depth: int
) -> Listing:
    found: list[Put] = []
    ordered = True
    for side in sides:
        inner = _only(known, side, active, depth)
        found += inner.puts if inner is not None else [_unknown(frame, at, side.ref)]
        ordered = ordered and inner is not None and inner.ordered
    return Listing(tuple(found), ordered=ordered)


def _called(
    known: Reader, frame: Frame, at: Position, op: Op, active: _Active, depth: int
) -> Iterator[Listing]:
    label = frame.on(at).kind.label if op.on is not None and op.name is None else ""
    if label in _COPIES | _MIXED and op.args:
        for one in _lists(known, frame.args(at)[0], active, depth + 1):
            yield one._replace(ordered=one.ordered and label in _COPIES)
        return
    callee = known.frames.callee(frame, at)
    if callee is None or known.origins.is_wrapped(callee.label):
        return
    if callee.typed.function.is_generator:
        yield Listing(added=tuple(_yielded(known, callee)))
        return
    for spot in callee.returned():
        yield from _lists(known, spot, active, depth + 1)


def _yielded(known: Reader, callee: Frame) -> Iterator[Put]:
    blocks = callee.typed.function.blocks
    for number, block in enumerate(blocks):
        for i, op in enumerate(block.ops):
            if op.do == "yield" and op.on is not None:
                at = (number, i)
                keys = keys_of(known, callee.on(at)) if op.name != "from" else None
                yield _put(known, callee, at, op.at, keys, frozenset(block.loops))


def _comprehended(known: Reader, frame: Frame, at: Position, element: Spot) -> Put:
    makers = frame.graph.makers.get(str(element.operand), ())
    blocks = frame.typed.function.blocks
    own = set(blocks[makers[0][0]].loops) if len(makers) == 1 else set()
    loops = frozenset(own - set(blocks[at[0]].loops))
    return _put(known, frame, at, element.ref, keys_of(known, element), loops)


def _put(
    known: Reader, frame: Frame, at: Position, ref: int, keys: Keys | None, loops: frozenset[int]
) -> Put:
    """``loops`` are those that put a row in each turn."""
    uneven = {
        key
        for key, test in (keys.tests if keys is not None and loops else ())
        if keys is not None and key not in keys.must and differs_by_turn(known, test, frame, loops)
    }
    path = frame.typed.module.path
    return Put(frame, at, ref, path, keys, bool(loops), frozenset(uneven))


def _unknown(frame: Frame, at: Position, ref: int) -> Put:
    return Put(frame, at, ref, frame.typed.module.path, None)


# --- what is added ---------------------------------------------------------------------------


def _grown(
    known: Reader, there: Spot, made: Position, one: Listing, active: _Active, depth: int
) -> Listing:
    """With what the function adds under the name."""
    frame, place = there.frame, str(there.operand)
    if place[0] == "%" or frame.op(made).do == "import":
        return one
    blocks = frame.typed.function.blocks
    added: list[Put] = []
    ordered = one.ordered
    for number, block in enumerate(blocks):
        for i, op in enumerate(block.ops):
            at = (number, i)
            if op.do != "call" or op.on != place or not leads(frame.typed.function, at, there.at):
                continue
            bound = frame.graph.definitions(place, at, known.origins.admits(frame))
            if made not in bound.positions or op.name not in _ADDS | _SORTS:
                continue
            ordered = ordered and op.name not in _SORTS
            loops = frozenset(block.loops) - frozenset(blocks[made[0]].loops)
            args = frame.args(at)
            if not args or op.name in ("sort", "reverse"):
                continue
            if op.name == "extend":
                inner = _only(known, args[0], active, depth)
                for put in inner.puts if inner is not None else (_unknown(frame, at, op.at),):
                    # it is there where the list is extended
                    added.append(put._replace(frame=frame, at=at, many=put.many or bool(loops)))
            else:
                keys = keys_of(known, args[-1])
                added.append(_put(known, frame, at, args[-1].ref, keys, loops))
    return Listing(one.base, one.added + tuple(added), ordered)


def _is_changed(frame: Frame, place: str, read: Position) -> bool:
    """Something may change the rows in a list, or put others in."""
    rows: set[str] = set()
    ops = [op for block in frame.typed.function.blocks for op in block.ops]
    for number, block in enumerate(frame.typed.function.blocks):
        for i, op in enumerate(block.ops):
            given = [arg.value for arg in op.args]
            if (op.on != place and place not in given) or (number, i) == read:
                continue
            if op.do == "getitem" and _is_slice(frame, op):
                continue
            if op.do == "next" or (op.do == "getitem" and op.on == place):
                rows.add(op.dst or "")
            elif op.do in _LOOKS or op.do in ("pack", "binop", "augassign", "yield"):
                continue
            elif op.do != "call":
                return True
            elif op.on == place:
                if op.name not in _ADDS | _SORTS | _READS:
                    return True
            elif op.name is None:
                if op.on not in _ASKS:
                    return True
            elif op.name not in ("extend",) and (
                frame.typed.on[number][i].name not in _RUNNERS | {kinds.INSERT}
            ):
                return True
    moved = {op.dst for op in ops if op.do == "move" and op.on in rows}
    return any(_changes_row(op, rows | {one for one in moved if one}) for op in ops)


def _changes_row(op: Op, rows: set[str]) -> bool:
    if op.do in ("setitem", "augassign", "delete"):
        return op.on in rows
    if op.do != "call":
        return False
    if op.on in rows:
        return op.name not in _READS_OF_ROW
    given = any(arg.value in rows and not arg.star for arg in op.args)
    return given and not (op.name is None and op.on in _ASKS | {"dict"}) and op.name not in _ADDS
