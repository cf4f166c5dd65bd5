"""Columns that an upsert sets to themselves: the row keeps what it has, the new values are lost."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.ir import Arg, Const, Op, Operand, Place
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.frames import Spot
from sqla_lint.project.kind import FUNCTIONS, Kind
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
    if target is None or _is_made_for(function, target, values):
        given = (arg for arg in call.op.args if arg.value == values)
        return next(given, None) if target is not None else None
    pack = _display(function, values)
    if pack is None:
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


def _is_made_for(function: Function, target: Spot, values: Operand) -> bool:
    """A function of the project is given the table, and returns such a comprehension."""
    made = _once(function, values)
    if made is None or made.op.do != "call" or target.frame.label != function.label:
        return False
    knowledge = function.project.knowledge
    callee = called(knowledge, made.op, made.on)
    typed = function.project.typed.get(callee.label)
    if callee.name not in FUNCTIONS or typed is None or typed.function.is_generator:
        return False
    names = {
        name
        for arg, name in parameters(knowledge, made.op, callee)
        if name is not None and _is_target(function, target, arg.value)
    }
    return bool(names & _kept_of(function.of(typed)))


@per_function
def _kept_of(function: Function) -> frozenset[str]:
    """The parameters that are tables of which a function returns each column under its name."""
    returned = [op for _, _, op in function.positions if op.do == "return"]
    pack = _display(function, returned[0].on) if len(returned) == 1 else None
    if pack is None or pack.op.name not in _LOOPS or len(pack.op.args) != 2:
        return frozenset()
    key, value = (arg.value for arg in pack.op.args)
    turn = _turns(function).get(value) if isinstance(value, str) else None
    if turn is None or not _names(function, key, value):
        return frozenset()
    read = function.reader_of(_gone_over(function, turn))
    if read is None or read.op.name not in _COLUMNS or read.on.name != kinds.TABLE:
        return frozenset()
    given = {param.name for param in function.typed.function.params}
    given -= {str(op.dst) for _, _, op in function.positions}
    return frozenset({str(read.op.on)} & given)


def _is_target(function: Function, target: Spot, operand: Operand) -> bool:
    """The table that is written, or ``Model.__table__`` of its class."""
    if target.kind.name == kinds.TABLE:
        return operand == target.operand
    read = function.reader_of(operand)
    return read is not None and read.op.name == "__table__" and read.op.on == target.operand


def gives_back(function: Function) -> bool:
    """An INSERT gives back columns: with an update that changes nothing it does for rows that were
    there, too."""
    return any(
        op.name == "returning" and function.typed.on[number][i].name == kinds.INSERT
        for number, i, op in function.call_positions
    )


def _display(function: Function, values: Operand | None) -> Operation | None:
    """The dictionary display behind a value."""
    made = _once(function, values)
    return made if made is not None and made.op.do == "pack" else None


def _once(function: Function, values: Operand | None) -> Operation | None:
    """What makes a value, or what a name holds that only this is bound to."""
    made = function.maker(values)
    if made is None and isinstance(values, str) and function.is_own(values):
        bound = [op for _, _, op in function.positions if op.dst == values]
        made = function.maker(bound[0].on) if len(bound) == 1 and bound[0].do == "move" else None
    return made


def _is_turn(function: Function, target: Spot, operand: Operand) -> bool:
    """A loop over the columns of the table binds it."""
    turn = _turns(function).get(operand) if isinstance(operand, str) else None
    if turn is None:
        return False
    return _is_columns(function, target, _gone_over(function, turn))


def _gone_over(function: Function, turn: Op) -> Operand | None:
    """What a loop goes over: the columns, also of `table.c.values()`."""
    made = function.maker(turn.on)
    if made is not None and made.op.do == "call" and made.op.name == "values":
        return made.op.on
    return turn.on


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
