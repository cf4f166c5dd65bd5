"""Columns that an upsert sets to themselves: the row keeps what it has, the new values are lost."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.ir import Arg, Const, Op, Operand, Place
from sqla_lint.project.frames import Spot
from sqla_lint.project.kind import Kind
from sqla_lint.views.function import Call, Function, Operation
from sqla_lint.views.once import per_function

_COLUMNS = frozenset({"c", "columns"})
_NAMES = frozenset({"name", "key"})
_LOOPS = frozenset({"dictcomp"})


def kept_column(call: Call, target: Spot | None, operand: Operand, kind: Kind) -> str:
    """The column of the table that is written which a value is; "" for everything else."""
    if target is None or not isinstance(operand, str):
        return ""
    if target.kind.name == kinds.MAPPED_CLASS and "mapped" in kind.traits:
        model, _, name = kind.label.rpartition(".")
        return name if model == target.kind.label.rpartition(":")[2] else ""
    function = call.function
    made = function.maker(operand) or function.reader_of(operand)
    if made is None or not _is_columns(function, target, made.op.on):
        return ""
    if made.op.do == "getattr":
        return made.op.name or ""
    index = made.op.args[0].value if made.op.do == "getitem" and made.op.args else None
    text = index.value if isinstance(index, Const) else None
    return text if isinstance(text, str) else ""


def keeps_each(call: Call, target: Spot | None, values: Operand) -> Arg | None:
    """The value of a comprehension, or of a loop that fills a dictionary, that sets each column of
    the table to itself."""
    function = call.function
    pack = _display(function, values)
    if target is None or pack is None:
        return None
    pairs: list[tuple[Arg, Arg]] = []
    if pack.op.name in _LOOPS and len(pack.op.args) == 2:
        pairs.append((pack.op.args[0], pack.op.args[1]))
    elif not pack.op.args:
        stored = [
            one.args
            for _, _, one in function.positions
            if one.do == "setitem" and one.on == values and len(one.args) == 2
        ]
        pairs += [(args[0], args[1]) for args in stored]
    for key, value in pairs:
        if _is_turn(function, target, value.value) and _names(function, key.value, value.value):
            return value
    return None


def gives_back(function: Function) -> bool:
    """An INSERT gives back columns: with an update that changes nothing it does for rows that were
    there, too."""
    return any(
        op.name == "returning" and function.typed.on[number][i].name == kinds.INSERT
        for number, i, op in function.call_positions
    )


def _display(function: Function, values: Operand) -> Operation | None:
    """The dictionary display behind a value, or behind a name that only it is bound to."""
    made = function.maker(values)
    if made is None and isinstance(values, str) and function.is_own(values):
        bound = [op for _, _, op in function.positions if op.dst == values]
        made = function.maker(bound[0].on) if len(bound) == 1 and bound[0].do == "move" else None
    return made if made is not None and made.op.do == "pack" else None


def _is_turn(function: Function, target: Spot, operand: Operand) -> bool:
    """A loop over the columns of the table binds it."""
    turn = _turns(function).get(operand) if isinstance(operand, str) else None
    if turn is None:
        return False
    over = turn.on
    made = function.maker(over)
    if made is not None and made.op.do == "call" and made.op.name == "values":
        over = made.op.on  # `table.c.values()`
    return _is_columns(function, target, over)


@per_function
def _turns(function: Function) -> dict[Place, Op]:
    return {op.dst: op for _, _, op in function.positions if op.do == "next" and op.dst is not None}


def _names(function: Function, key: Operand, value: Operand) -> bool:
    """``c.name`` of the same ``c``."""
    read = function.reader_of(key)
    return read is not None and read.op.on == value and read.op.name in _NAMES


def _is_columns(function: Function, target: Spot, operand: Operand | None) -> bool:
    """``table.c`` of the table that is written, under the name that the INSERT knows it by."""
    read = function.reader_of(operand)
    if read is None or read.op.name not in _COLUMNS or read.on.name != kinds.TABLE:
        return False
    if target.frame.label == function.label and read.op.on == target.operand:
        return True
    mapped = target.kind.name == kinds.MAPPED_CLASS
    if mapped and read.on.label:
        return read.on.label == target.kind.label
    of = function.reader_of(read.op.on)
    return of is not None and of.op.name == "table" and of.on.name == kinds.INSERT
