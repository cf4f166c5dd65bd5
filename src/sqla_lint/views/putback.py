"""Values of columns that are read, changed in Python, and written back by an UPDATE: here, or by
functions that read and write for their callers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Const, Op, Operand
from sqla_lint.project.callers import called
from sqla_lint.project.kind import FUNCTIONS, Kind, class_name
from sqla_lint.project.mapping import Column
from sqla_lint.project.mentions import CHANGING
from sqla_lint.views.annotations import last_names
from sqla_lint.views.behind import (
    Definitions,
    behind,
    definitions,
    maker,
    picked_by,
    statement_chain,
    valued_by,
)
from sqla_lint.views.counters import (
    ALONE,
    NUMBERS,
    PYTHON_NUMBERS,
    STEPS,
    is_concurrent,
    is_strict,
    is_versioned,
    locks,
)
from sqla_lint.views.farwrites import Inside, inside, picked_outside
from sqla_lint.views.function import Function, Operation
from sqla_lint.views.paths import Note, elsewhere
from sqla_lint.views.sql import reader as strings

_RUNNERS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION, kinds.CONNECTION})
_RUNS = frozenset({"execute", "exec"})
_MAPPED = frozenset({kinds.MAPPED_CLASS, kinds.ENTITY})
_WRITING = frozenset({kinds.UPDATE, kinds.QUERY, kinds.ENTITY, kinds.TEXT})
_UNITS = (kinds.SESSION, kinds.CONNECTION)
_HOLDING = frozenset({"JSON", "JSONB", "HSTORE", "ARRAY", "PickleType"})
_AROUND = frozenset({"Mapped", "Optional", "Union", "None"})
_LEADING = frozenset({"move", "await"})
_UPDATE = re.compile(r"\s*UPDATE\s+(\w+)\s+SET\s+(.*?)\s+WHERE\s+(.*)", re.IGNORECASE | re.DOTALL)
_SET = re.compile(r"(\w+)\s*=\s*:(\w+)")
_EQUALS = re.compile(r"(\w+)\s*=")
_SELECT = re.compile(r"\s*SELECT\s+(\w+)\s+FROM\s+(\w+)\b", re.IGNORECASE)
# A value goes through so few operations from where it is read to where it is written.
STEPS_LIMIT = 12


class PutBack(NamedTuple):
    """An UPDATE that writes what was made from the value that the same column had."""

    op: Op
    table: str
    column: str
    steps: tuple[Note, ...]
    apart: bool  # by functions that have a transaction each


class _Set(NamedTuple):
    """A column that an UPDATE, or an assignment to a loaded object, sets, and to what. ``start``
    is what picks the row; ``compared`` are the columns that it must equal."""

    run: Operation
    of: Kind
    column: str
    value: Operand
    start: Operation
    compared: frozenset[str] = frozenset()
    table: str = ""  # of a text


def put_back(function: Function) -> Iterator[PutBack]:
    """The first such UPDATE of each column of a function."""
    if function.is_module or function.typed.present.isdisjoint(_WRITING) or is_strict(function):
        return
    defined = definitions(function)
    for one in (*_sets(function, defined), *_assigned(function, defined)):
        if _is_compared(one) or (one.of.label and is_versioned(function, one.of.label)):
            continue
        what = _holds(function, one)
        if not what:
            continue
        here = what == "number" and one.run.op.do == "call"
        found = _here(function, defined, one) if here else None
        found = found or _apart(function, defined, one, what)
        if found is not None:
            yield found


def _assigned(function: Function, defined: Definitions) -> Iterator[_Set]:
    """Attributes of loaded objects that are set to a parameter."""
    params = {param.name for param in function.typed.function.params}
    for operation in function.operations():
        op, on = operation.op, operation.on
        if op.do != "setattr" or on.name != kinds.ENTITY or "queried" not in on.traits:
            continue
        made = defined.get(op.on, []) if isinstance(op.on, str) else []
        if op.name is not None and op.args[0].value in params and len(made) == 1:
            yield _Set(operation, on, op.name, op.args[0].value, made[0])


def _sets(function: Function, defined: Definitions) -> Iterator[_Set]:
    for operation in function.operations():
        op = operation.op
        if op.do == "call" and op.name == "update" and operation.on.name == kinds.QUERY:
            of = operation.on.of[0] if len(operation.on.of) == 1 else None
            values = op.args[0].value if op.args else None
            if of is not None and of.name in _MAPPED and isinstance(values, str):
                for key, value in _items(defined, values):
                    compared = operation.on.loaded
                    yield _Set(operation, of, key, value, operation, compared)
            continue
        if op.do != "call" or op.name not in _RUNS or operation.on.name not in _RUNNERS:
            continue
        statement = operation.arg_kinds[0] if operation.arg_kinds else None
        if statement is not None and statement.name == kinds.TEXT:
            yield from _of_text(defined, operation, statement)
        if statement is None or statement.name != kinds.UPDATE or len(statement.of) != 1:
            continue
        of, compared = statement.of[0], statement.loaded
        made = defined.get(op.args[0].value, []) if isinstance(op.args[0].value, str) else []
        for call in statement_chain(defined, made[0]) if len(made) == 1 else ():
            if call.op.name != "values":
                continue
            for arg in call.op.args:
                if arg.keyword is not None:
                    yield _Set(operation, of, arg.keyword, arg.value, operation, compared)
                elif isinstance(arg.value, str):
                    for key, value in _items(defined, arg.value):
                        yield _Set(operation, of, key, value, operation, compared)


def _of_text(defined: Definitions, run: Operation, statement: Kind) -> Iterator[_Set]:
    """`UPDATE polls SET votes = :votes WHERE id = :id`, with a dictionary of values."""
    found = _UPDATE.fullmatch(statement.label)
    values = run.op.args[1].value if len(run.op.args) > 1 else None
    if found is None or not isinstance(values, str):
        return
    given = dict(_items(defined, values))
    compared = frozenset(f"={name}" for name in _EQUALS.findall(found[3]))
    for column, name in _SET.findall(found[2]):
        if name in given:
            of = Kind(kinds.TEXT)
            yield _Set(run, of, column, given[name], run, compared, found[1])


def _items(defined: Definitions, place: str) -> Iterator[tuple[str, Operand]]:
    made = defined.get(place, [])
    if len(made) == 1 and made[0].op.do == "pack" and made[0].op.name == "dict":
        args = made[0].op.args
        for key, value in zip(args[::2], args[1::2], strict=False):
            if isinstance(key.value, Const) and isinstance(key.value.value, str):
                yield key.value.value, value.value


def _is_compared(one: _Set) -> bool:
    """The UPDATE is only done where the column still has the value, or a version."""
    compared = {name[1:].rpartition(".")[2] for name in one.compared if name[:1] == "="}
    return one.column in compared or any("version" in name for name in compared)


def _holds(function: Function, one: _Set) -> str:
    """ "number", or "object" for what has parts; "" for other columns and unknown ones."""
    if one.of.name == kinds.TEXT:
        return "number"  # only a step is looked for
    models = function.project.models
    label = one.of.label
    model = models.of(label) if label else None
    columns: list[Column] = []
    if model is not None:
        attribute = models.attribute(model, one.column)
        if attribute is not None and attribute.column is not None:
            if attribute.column.type is None and attribute.ann is not None:
                names = set(last_names(attribute.ann)) - _AROUND
                return "number" if names and names <= PYTHON_NUMBERS else ""
            columns = [attribute.column]
    elif one.of.name == kinds.TABLE:
        columns = [c for t in models.tables for c in t.columns if c.db_name == one.column]
    types = {c.type.name if c.type is not None else "" for c in columns}
    if types and types <= NUMBERS:
        return "number"
    return "object" if types and types <= _HOLDING else ""


# --- read and written in one function ------------------------------------------------------------


def _here(function: Function, defined: Definitions, one: _Set) -> PutBack | None:
    if function.entry in ALONE or locks(function.typed.function):
        return None
    if not (is_concurrent(function) or function.begun(*_UNITS) or _commits(function)):
        return None
    for made in _made(defined, one.value):
        if made.op.do not in ("binop", "augassign") or made.op.name not in STEPS:
            continue
        for operand in (made.op.on, *(arg.value for arg in made.op.args)):
            read = _read(defined, operand, one)
            if read is not None and _picked(defined, read) & _picks(defined, one.run):
                steps = (Note("read here", read.at), Note("changed here", made.at))
                return PutBack(one.run.op, _named(one), one.column, steps, False)
    return None


def _picked(defined: Definitions, read: Operation) -> set[Operand]:
    if read.arg_kinds and read.arg_kinds[0].name == kinds.TEXT:
        values = read.op.args[1].value if len(read.op.args) > 1 else None
        return {value for _, value in _items(defined, str(values))}
    return set(picked_by(defined, read))


def _picks(defined: Definitions, run: Operation) -> set[Operand]:
    """The values in the criteria of the UPDATE itself: what it sets is made from another statement,
    which has its own."""
    found: set[Operand] = set()
    if run.on.name != kinds.QUERY and run.arg_kinds and run.arg_kinds[0].name == kinds.TEXT:
        return {value for _, value in _items(defined, str(run.op.args[1].value))}
    made = run if run.on.name == kinds.QUERY else maker(defined, run.op.args[0].value, run)
    for call in statement_chain(defined, made) if made is not None else ():
        if call.op.name in ("where", "filter", "filter_by"):
            for arg in call.op.args:
                found |= valued_by(defined, arg.value, call)
    return found


def _commits(function: Function) -> bool:
    return any(
        o.op.do == "call" and o.op.name == "commit" and o.on.name in _RUNNERS
        for o in function.operations()
    )


def _made(defined: Definitions, operand: Operand | None) -> list[Operation]:
    """What binds a value, past other names of it."""
    found: list[Operation] = []
    waiting = [operand]
    for _ in range(STEPS_LIMIT):
        if not waiting:
            break
        place = waiting.pop()
        for made in defined.get(place, []) if isinstance(place, str) else []:
            if made.op.do in _LEADING:
                waiting.append(made.op.on)
            elif made.op.do == "boolop" and made.op.name == "or":
                waiting.append(made.op.args[0].value)
            else:
                found.append(made)
    return found


def _read(defined: Definitions, operand: Operand | None, one: _Set) -> Operation | None:
    """A read of the column: of a row, or of the only column that a statement selects."""
    for made in _made(defined, operand):
        of_row = made.op.do == "getattr" and made.on.name == kinds.ROW
        if of_row and made.op.name == one.column and any(_is_column(k, one) for k in made.on.of):
            return made
        alone = made.op.do in ("call", "await", "getitem", "unpack", "next")
        if alone and len(made.on.of) == 1 and _is_column(made.on.of[0], one):
            return made
        scalar = made.op.do == "call" and made.op.name == "scalar" and made.arg_kinds
        if scalar and len(made.arg_kinds[0].of) == 1 and _is_column(made.arg_kinds[0].of[0], one):
            return made
        if one.table and (alone or made.op.do == "getattr"):
            run = next((o for o in behind(defined, made) if _selects(o, one)), None)
            if run is not None and (made.op.do != "getattr" or made.op.name == one.column):
                return run
    return None


def _selects(run: Operation, one: _Set) -> bool:
    """A text that selects the column, and nothing else where no name tells them apart."""
    if run.op.do != "call" or run.op.name not in ("execute", "scalar", "exec") or not run.arg_kinds:
        return False
    found = _SELECT.match(run.arg_kinds[0].label) if run.arg_kinds[0].name == kinds.TEXT else None
    return found is not None and found[1] == one.column and found[2] == one.table


def _is_column(kind: Kind, one: _Set) -> bool:
    if kind.name != kinds.COLUMN_EXPR or kind.label.rpartition(".")[2] != one.column:
        return False
    owner = kind.label.rpartition(".")[0].partition(".")[0]
    return not owner or not one.of.label or owner == one.of.label.rpartition(":")[2]


def _named(one: _Set) -> str:
    return class_name(one.of.label)


# --- by functions that a caller calls one after the other ----------------------------------------


def _apart(function: Function, defined: Definitions, one: _Set, what: str) -> PutBack | None:
    params = {param.name for param in function.typed.function.params}
    if one.value not in params or not _has_unit(function) or function.entry in ALONE:
        return None
    if any(op.dst == one.value for _, _, op in function.positions):
        return None
    for spot in strings(function.project).frames.callers(function.label, str(one.value)):
        caller = function.of(spot.frame.typed)
        if caller.entry in ALONE or caller.is_test_code or locks(caller.typed.function):
            continue
        there = definitions(caller)
        call = next((o for o in caller.operations() if o.op is spot.frame.op(spot.at)), None)
        writing = inside(caller, call) if call is not None else None
        if call is None or writing is None:
            continue
        written = picked_outside(caller, there, writing, one.start)
        for reading in _readings(caller, there, spot.operand, what):
            read = _read_by(reading.function, one)
            if read is None or not picked_outside(caller, there, reading, read) & written:
                continue
            path, inner = caller.typed.module.path, reading.function.typed.module.path
            steps = (
                Note("read here, in a transaction of its own", read.at, elsewhere(function, inner)),
                Note("asked for here", reading.call.at, elsewhere(function, path)),
                Note("changed, and handed on here", call.at, elsewhere(function, path)),
            )
            return PutBack(one.run.op, _named(one), one.column, steps, True)
    return None


def _readings(
    caller: Function, defined: Definitions, value: Operand, what: str
) -> Iterator[Inside]:
    """The calls whose answer a value was changed from: by a step, or by whatever changes what has
    parts."""
    waiting: list[tuple[Operand | None, bool]] = [(value, False)]
    seen: set[tuple[Operand | None, bool]] = set()
    while waiting and len(seen) < STEPS_LIMIT:
        place, changed = waiting.pop()
        if (place, changed) in seen or not isinstance(place, str):
            continue
        seen.add((place, changed))
        changed = changed or (what == "object" and _is_changed(caller, place))
        for made in defined.get(place, []):
            op = made.op
            if op.do in _LEADING:
                waiting.append((op.on, changed))
            elif op.do == "boolop" and op.name == "or":
                waiting.append((op.args[0].value, changed))
            elif op.do in ("binop", "augassign") and op.name in STEPS:
                waiting += [(one, True) for one in (op.on, *(a.value for a in op.args))]
            elif op.do == "call":
                one = inside(caller, made)
                if one is not None and changed and _has_unit(one.function):
                    yield one
                elif what == "object":
                    callee = called(caller.project.knowledge, op, made.on)
                    own = callee.name in FUNCTIONS
                    waiting += [(arg.value, changed or own) for arg in op.args]
            elif op.do == "pack" and op.name == "dict" and what == "object":
                waiting += [(arg.value, True) for arg in op.args if arg.star == 2]


def _is_changed(caller: Function, place: str) -> bool:
    return any(
        op.on == place and (op.do == "setitem" or (op.do == "call" and op.name in CHANGING))
        for _, _, op in caller.positions
    )


def _has_unit(function: Function) -> bool:
    return bool(
        function.made(*_UNITS) or function.borrowed_in_block(*_UNITS) or function.begun(*_UNITS)
    )


def _read_by(function: Function, one: _Set) -> Operation | None:
    """The read of the column that a function gives back on every way that gives anything."""
    if locks(function.typed.function):
        return None
    defined = definitions(function)
    found: list[Operation] = []
    for operation in function.operations():
        if operation.op.do != "return" or operation.op.on in (None, Const(None)):
            continue
        given = operation.op.on
        read = None if isinstance(given, Const) else _read(defined, given, one)
        if read is None and isinstance(given, str):
            read = _read_of_entity(defined, given, one)
        if read is None:
            return None
        found.append(read)
    return found[0] if found else None


def _read_of_entity(defined: Definitions, given: str, one: _Set) -> Operation | None:
    for made in _made(defined, given):
        of_entity = made.op.do == "getattr" and made.on.name == kinds.ENTITY
        if of_entity and made.on.label == one.of.label and made.op.name == one.column:
            return next(behind(defined, made), None)
    return None
