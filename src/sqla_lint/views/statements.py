"""What stands in expressions and upserts, followed through the variables of a function."""

from __future__ import annotations

from typing import TypeAlias

from sqla_lint.catalog import kinds
from sqla_lint.ir import Arg
from sqla_lint.project.definitions import Position
from sqla_lint.project.frames import Frame, Spot
from sqla_lint.project.kind import NAME, Kind, dotted_label
from sqla_lint.views.function import Call
from sqla_lint.views.sql import reader, spot

_AGGREGATES = frozenset(
    {"count", "sum", "avg", "min", "max", "array_agg", "string_agg", "group_concat"}
    | {"json_agg", "jsonb_agg", "json_object_agg", "bool_and", "bool_or", "every", "stddev"}
    | {"variance", "aggregate_strings", "percentile_cont", "listagg"}
)
_LOGIC = frozenset({"and_", "or_", "not_"})
_TRANSPARENT = frozenset({"label", "filter", "desc", "asc", "between", "in_", "not_in", "is_"})
_TRANSPARENT |= {"is_not", "isnot", "distinct", "cast", "like", "collate"}
EXPRESSION_DEPTH = 12  # deeper expressions are not written by hand


def aggregate_in(call: Call, arg: Arg, kind: Kind) -> str:
    """The name of an aggregate that an expression calls for the statement it stands in; or ""."""
    there = spot(call, arg, kind)
    return _aggregate(call, there, set(), 0) if there is not None else ""


def aggregate_among(call: Call, arg: Arg, kind: Kind) -> str:
    """The same of the elements of a list that is written out: `where(*criteria)`."""
    there = spot(call, arg, kind)
    makers = list(reader(call.function.project).origins.makers(there)) if there is not None else []
    if len(makers) != 1 or makers[0].frame.op(makers[0].at).name not in ("list", "tuple"):
        return ""
    if makers[0].frame.op(makers[0].at).do != "pack":
        return ""
    elements = makers[0].frame.args(makers[0].at)
    return next((name for one in elements if (name := _aggregate(call, one, set(), 0))), "")


def texts(call: Call, arg: Arg, kind: Kind) -> tuple[str, ...]:
    """What an argument may hold as a text, with `sqltext.HOLE` for what is not constant."""
    there = spot(call, arg, kind)
    found = reader(call.function.project).texts(there) if there is not None else ()
    return tuple(text.sql for text in found)


_Seen: TypeAlias = set[tuple[Frame, Position]]


def _aggregate(call: Call, there: Spot, seen: _Seen, depth: int) -> str:
    if there.kind.name != kinds.COLUMN_EXPR or depth > EXPRESSION_DEPTH:
        return ""
    makers = list(reader(call.function.project).origins.makers(there))
    if len(makers) != 1:
        return ""
    frame, at = makers[0].frame, makers[0].at
    if (frame, at) in seen:
        return ""  # one expression in several places
    seen.add((frame, at))
    op = frame.op(at)
    inner: list[Spot] = []
    if op.do in ("compare", "unary"):
        inner = [frame.on(at), *frame.args(at)]
    elif op.do == "binop":
        inner = frame.args(at)
    elif op.do == "call" and op.on is not None:
        on = frame.on(at)
        if on.kind.name == NAME:
            library = dotted_label(on.kind, op.name)
            last = library.rpartition(".")[2]
            if ".func." in library and last in _AGGREGATES:
                single = last in ("min", "max") and len(op.args) > 1  # SQLite's scalar functions
                return "" if single else last
            if last in _LOGIC or ".func." in library:
                inner = frame.args(at)
        elif op.name in _TRANSPARENT:
            inner = [on]
    for one in inner:
        found = _aggregate(call, one, seen, depth + 1)
        if found:
            return found
    return ""
