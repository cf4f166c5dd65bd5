"""Subqueries that may give NULL, where a NULL makes a condition true of no row."""

from __future__ import annotations

import re
from typing import NamedTuple, TypeAlias

from sqla_lint.catalog import kinds
from sqla_lint.ir import Op, Operand
from sqla_lint.project.definitions import Position
from sqla_lint.project.frames import Frame, Spot
from sqla_lint.project.kind import Kind
from sqla_lint.project.mapping import Column
from sqla_lint.project.texts import Reader
from sqla_lint.views.function import Call, Function
from sqla_lint.views.sql import makers_of, reader, spot

_STATEMENTS = frozenset({kinds.SELECT, kinds.QUERY})
_AS_FROM = frozenset({"subquery", "scalar_subquery", "cte"})
_OUTER = frozenset({"isouter", "full", "outer"})
# What gives a criterion that cannot be read here.
_ELSEWHERE = frozenset({kinds.TEXT, kinds.FUNCTION, kinds.UNKNOWN, kinds.INSTANCE, "METHOD"})
# What leaves the rows of a statement as they are, or takes some away by criteria that are read.
_KNOWN = frozenset(
    {"where", "filter", "filter_by", "distinct", "order_by", "group_by", "limit", "offset"}
    | {"select_from", "query", "select", "subquery", "scalar_subquery", "cte", "label"}
    | {"execution_options", "with_entities", "correlate"}
)
_OF_TABLE = re.compile(r"(?P<table>[\w.]+)\.(?:c|columns)\.(?P<name>\w+)")


class MayBeNull(NamedTuple):
    """The column of a subquery that may be NULL."""

    model: str
    column: Column
    selected: Op
    path: str = ""  # the file where it is selected, when it is another


def null_in_subquery(call: Call) -> MayBeNull | None:
    """``a.not_in(select(B.c))``, also as ``~a.in_(...)``, where `B.c` may be NULL and no criterion
    of the subquery says anything of it."""
    if not call.op.args or (call.name == "in_" and not _is_negated(call)):
        return None
    there = spot(call, call.op.args[0], call.arg_kinds[0])
    known = reader(call.function.project)
    chain = _chain(known, there) if there is not None else []
    if not chain:
        return None
    given = [_statement(one) for one in chain]
    selected = {kind.of for kind in given}
    if len(selected) != 1 or any("joined" in kind.traits for kind in given):
        return None
    (columns,) = selected
    found = _column(call, columns[0]) if len(columns) == 1 else None
    if found is None or _speaks_of(known, chain, columns[0]):
        return None
    model, column = found
    first = next(one for one in chain if one.frame.on(one.at).kind.name not in _STATEMENTS)
    own = first.frame.typed.module.path == call.function.typed.module.path
    return MayBeNull(
        model, column, first.frame.op(first.at), "" if own else first.frame.typed.module.path
    )


def _is_negated(call: Call) -> bool:
    readers = call.function.readers.get(call.op.dst or "", [])
    return bool(readers) and all(
        (op.do == "unary" and op.name == "~")
        or (op.do == "call" and str(op.name or op.on).rpartition(".")[2] == "not_")
        for op in readers
    )


def _chain(known: Reader, start: Spot) -> list[Spot]:
    """The calls that made a statement, last first, on whatever way, also in functions of the
    project that return it; none when one of them may do anything."""
    found: dict[tuple[str, Position], Spot] = {}
    waiting = [start]
    while waiting:
        ways = list(makers_of(known, waiting.pop(0)))
        if not ways or len(found) > CALLS:
            return []
        for one in ways:
            op = one.frame.op(one.at)
            if op.do != "call" or op.on is None or any(arg.star for arg in op.args):
                return []
            if (op.name or str(op.on)).rpartition(".")[2] not in _KNOWN:
                return []
            key = (one.frame.label, one.at)
            on = one.frame.on(one.at)
            if key not in found and on.kind.name in _STATEMENTS:
                waiting.append(on)
            found.setdefault(key, one)
    return list(found.values())


CALLS = 40  # a statement has tens of calls at most


def _statement(last: Spot) -> Kind:
    """The statement that the last call gives, or that it makes a subquery of."""
    given = last.frame.typed.dst[last.at[0]][last.at[1]]
    return given if given.name in _STATEMENTS else last.frame.on(last.at).kind


def is_never_null(function: Function, read: Kind, written: Operand) -> bool:
    """A mapped column, or one of a table (``users.c.name``), that the database refuses NULL in:
    whether it is NULL is no question, unless an outer join of this function asks whether there is
    a row at all."""
    if read.name != kinds.COLUMN_EXPR:
        return False
    if _may_have_no_row(function, read.label.rpartition(".")[0]):
        return False
    if "mapped" not in read.traits:
        column = _of_table(function, written)
    else:
        model, _, name = read.label.rpartition(".")
        models = function.project.models
        named = models.named(model.rpartition(".")[2])
        found = models.attribute(named[0], name) if len(named) == 1 else None
        column = found.column if found is not None else None
    return column is not None and (column.nullable is False or bool(column.primary_key))


def _may_have_no_row(function: Function, model: str) -> bool:
    """An outer join, but for those to another class: the rows of this one are there."""
    for number, i, op in function.call_positions:
        words = {arg.keyword for arg in op.args}
        if op.name != "outerjoin" and words.isdisjoint(_OUTER):
            continue
        to = function.typed.args[number][i][:1]
        mapped = to and to[0].name == kinds.MAPPED_CLASS
        elsewhere = mapped and to[0].label.rpartition(":")[2] != model.rpartition(":")[2]
        if not elsewhere or "full" in words:
            return True
    return False


def _of_table(function: Function, written: Operand) -> Column | None:
    """The column of a Core table that an attribute of its `c` is, where one table is meant."""
    typed, models = function.typed, function.project.models
    parts = _OF_TABLE.fullmatch(str(written))
    if parts is None:
        return None
    place = parts["table"]
    label = models.scopes.resolve(typed.module, typed.function, place)
    found = [table for table in models.tables if table.label == label]
    if not label and place.partition(".")[0] not in typed.function.locals:
        # `import app.tables`, and then `app.tables.users`
        found = [t for t in models.tables if t.label.replace(":", ".") == place]
    return found[0].attribute(parts["name"]) if len(found) == 1 else None


def _column(call: Call, selected: Kind) -> tuple[str, Column] | None:
    """The mapped column that is selected, when it may be NULL."""
    if selected.name != kinds.COLUMN_EXPR or "mapped" not in selected.traits:
        return None
    model, _, name = selected.label.rpartition(".")
    models = call.function.project.models
    named = models.named(model.rpartition(".")[2])
    if len(named) != 1:
        return None
    found = models.attribute(named[0], name)
    column = found.column if found is not None else None
    if column is None or column.opaque or column.primary_key or column.computed:
        return None
    if any(one.primary_key and one.db_name == column.db_name for one in _columns(call, model)):
        return None
    said = column.nullable
    return (model, column) if said is True or (said is None and _is_plain(column)) else None


def _columns(call: Call, model: str) -> list[Column]:
    models = call.function.project.models
    return [c for one in models.named(model) for c in models.columns_of(one).values()]


def _is_plain(column: Column) -> bool:
    """A ``Column(...)`` that says nothing may be NULL."""
    return column.call is not None and column.call.library in ("Column", "mapped_column")


def _speaks_of(known: Reader, chain: list[Spot], selected: Kind) -> bool:
    """Some criterion compares the column, or cannot be read: it may leave the NULLs out."""
    name = selected.label.rpartition(".")[2]
    for call in chain:
        op = call.frame.op(call.at)
        if op.name == "filter_by" and any(arg.keyword == name for arg in op.args):
            return True
        if op.name not in ("where", "filter"):
            continue
        for one in call.frame.args(call.at):
            if one.kind.name != kinds.COLUMN_EXPR or not isinstance(one.operand, str):
                return True
            if _names(known, one, selected.label, set(), 0):
                return True
    return False


DEPTH = 12  # expressions in expressions
_Seen: TypeAlias = set[tuple[Frame, Position]]


def _names(known: Reader, there: Spot, label: str, seen: _Seen, depth: int) -> bool:
    """The column is part of a criterion, or what it is made of cannot be read."""
    if there.kind.label == label or depth > DEPTH:
        return True
    if not isinstance(there.operand, str):
        return False
    for one in known.origins.makers(there):
        if (one.frame, one.at) in seen:
            continue  # one expression in several places
        seen.add((one.frame, one.at))
        op = one.frame.op(one.at)
        on = one.frame.on(one.at) if op.on is not None else None
        if op.do == "call" and on is not None and on.kind.name in _ELSEWHERE:
            return True
        parts = ([on] if on is not None else []) + one.frame.args(one.at)
        if any(_names(known, part, label, seen, depth + 1) for part in parts):
            return True
    return False
