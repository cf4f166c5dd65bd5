"""Functions that stand in a table: ``CRITERIA[name](Invoice)`` may call each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqla_lint.catalog import kinds
from sqla_lint.ir import Op, Operand, Place
from sqla_lint.project.infer import Typed
from sqla_lint.project.kind import Kind

_TABLES = frozenset({kinds.DICT, kinds.LIST, kinds.SET, kinds.TUPLE})
_LOOKUPS = frozenset({"get", "pop"})
_VALUE = "1"  # of a pair that `items()` gives
_NAMES = 4  # one bound to the other

Made = Mapping[Place, tuple[int, int]]


def made_once(typed: Typed) -> Made:
    """The operation that binds each place, of those that one operation binds."""
    found: dict[Place, tuple[int, int]] = {}
    twice: set[Place] = set()
    for number, block in enumerate(typed.function.blocks):
        for i, op in enumerate(block.ops):
            if op.dst is not None and op.do != "declare":
                if op.dst in found:
                    twice.add(op.dst)
                found[op.dst] = (number, i)
    return {place: at for place, at in found.items() if place not in twice}


def functions_of_table(typed: Typed, made: Made, place: Operand | None) -> tuple[Kind, ...]:
    """The functions one of which a place holds, where it is taken out of a table of functions."""
    table = _table(typed, made, place)
    if table is None or table.name not in _TABLES:
        return ()
    functions = [one for one in table.of if one.name == kinds.FUNCTION]
    return tuple(dict.fromkeys(functions)) if len(functions) == len(table.of) else ()


def _table(typed: Typed, made: Made, place: Operand | None) -> Kind | None:
    for op, on in _behind(typed, made, place):
        if op.do == "getitem" or (op.do == "call" and op.name in _LOOKUPS):
            return on
        if op.do == "next":
            return on if on.name in _TABLES - {kinds.DICT} else _viewed(typed, made, op, "values")
        if op.do == "unpack":
            if op.name == _VALUE:
                for turn, _ in _behind(typed, made, op.on):
                    return _viewed(typed, made, turn, "items")
            return None
    return None


def _viewed(typed: Typed, made: Made, turn: Op, method: str) -> Kind | None:
    """``table`` of a turn over ``table.values()``."""
    for op, on in _behind(typed, made, turn.on):
        return on if op.do == "call" and op.name == method and turn.do == "next" else None
    return None


def _behind(typed: Typed, made: Made, place: Operand | None) -> Iterator[tuple[Op, Kind]]:
    """The operation that made a value, past names that hold it, with what it is done on."""
    for _ in range(_NAMES):
        at = made.get(place) if isinstance(place, str) else None
        if at is None:
            return
        op, on = typed.function.blocks[at[0]].ops[at[1]], typed.on[at[0]][at[1]]
        if op.do != "move":
            yield op, on
            return
        place = op.on
