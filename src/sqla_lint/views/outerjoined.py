"""Outer joins whose rows without a match a WHERE leaves out again, wherever the statement goes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Arg, Const, Op, Ref
from sqla_lint.project.frames import Frame, Spot, described
from sqla_lint.project.kind import NAME, dotted_label
from sqla_lint.project.mapping import Column, Model
from sqla_lint.project.texts import Reader
from sqla_lint.views.criteria import listed
from sqla_lint.views.function import Call
from sqla_lint.views.ofnull import Absent, column_in, is_negative, leaves_out, reads, speaks_of_null
from sqla_lint.views.onward import CHAIN, STATEMENTS, STEPS, Stop, before, beginning, begun, onward
from sqla_lint.views.paths import Note
from sqla_lint.views.sources import read_of, source
from sqla_lint.views.sql import reader

_CRITERIA = frozenset({"where", "filter"})
# Calls whose arguments a statement gives.
_GIVING = frozenset({"options", "add_columns", "add_entity", "with_entities", "with_only_columns"})
_ENDS = frozenset({"runs", "returned", "left"})
_JOINS = frozenset({"join", "outerjoin"})
_FROM_JOINS = frozenset({"join_from", "outerjoin_from"})
_FROMS = frozenset({kinds.TABLE, kinds.FROM_CLAUSE})


class MadeInner(NamedTuple):
    """An outer join, what it joins, and a column of that which a WHERE asks for."""

    at: Ref
    target: str
    column: str
    steps: tuple[Note, ...]
    wanted: bool  # the statement gives something of it, or asks for what is not so


class _Target(NamedTuple):
    at: Ref
    source: str
    name: str


def made_inner(call: Call) -> Iterator[MadeInner]:
    """The outer joins of a call that are inner joins on every way that the statement goes."""
    own = call.function.typed.module.path
    for target in _targets(call):
        absent = Absent(reader(call.function.project), target.source)
        met = sorted(_criteria_met(call, absent), key=lambda one: (one.path, one.ref))
        if not met or _always_matches(call, target):
            continue
        steps = tuple(
            Note(f"`{one.column}` is asked for here", one.ref, "" if one.path == own else one.path)
            for one in met
        )
        wanted = any(one.negative for one in met) or _gives(call, absent)
        yield MadeInner(target.at, target.name, met[0].column, steps, wanted)


def _gives(call: Call, absent: Absent) -> bool:
    """The statement selects something of what is joined, or loads it: the rows without a match
    would be seen."""
    function = call.function
    start = begun(function, call.op)
    if start is None:
        return False
    first = beginning(function, start)
    waiting, seen = [start], {start.key}
    calls = [*([first] if first is not None else []), *before(function, start)]
    while waiting and len(seen) < STEPS:
        for there in onward(function, waiting.pop()):
            if there.does in ("adds", "passes") and there.key not in seen:
                seen.add(there.key)
                waiting.append(there)
                if there.does == "adds":
                    calls.append(there)
    return any(
        reads(absent, one)
        for stop in calls
        if stop is first or stop.op.name in _GIVING
        for one in stop.args
    )


def _always_matches(call: Call, target: _Target) -> bool:
    """It is joined along a foreign key that is never NULL: there are no rows without a match."""
    known = reader(call.function.project)
    models = known.project.models
    model = models.of(target.source)
    start = begun(call.function, call.op)
    if model is None or start is None:
        return False
    for one in start.args:
        if "relationship" in one.kind.traits:
            owner = read_of(known, one)
            left = models.of(owner.kind.label) if owner is not None else None
            if left is None or left is model:
                continue
            relation = models.relation(left, one.kind.label.rpartition(".")[2])
            if relation is None or relation.direction != "many-to-one":
                continue
            columns = {c.db_name: c for c in models.columns_of(left).values()}
            keys = models.keys_of(left, model).columns
            return bool(keys) and all(
                name in columns and _is_filled(columns[name]) for key in keys for name in key
            )
        if _joins_filled_key(known, one, model):
            return True
    return False


def _joins_filled_key(known: Reader, criterion: Spot, model: Model) -> bool:
    """``Task.project_id == Project.id``, where `Task.project_id` is never NULL."""
    makers = list(known.origins.makers(criterion))
    made = makers[0] if len(makers) == 1 else None
    if made is None or made.frame.op(made.at).do != "compare":
        return False
    models = known.project.models
    for one in (made.frame.on(made.at), *made.frame.args(made.at)):
        owner = read_of(known, one) if one.kind.name == kinds.COLUMN_EXPR else None
        left = models.of(owner.kind.label) if owner is not None else None
        if left is None or left is model:
            continue
        column = models.columns_of(left).get(one.kind.label.rpartition(".")[2])
        table = models.table_of(model)
        if column is None or table is None or not _is_filled(column):
            continue
        if any(models.leads_to(key, table) for key in column.foreign_keys):
            return True
    return False


def _is_filled(column: Column) -> bool:
    return column.nullable is False or bool(column.primary_key)


# --- what is joined --------------------------------------------------------------------------


def _targets(call: Call) -> Iterator[_Target]:
    known = reader(call.function.project)
    frame = known.frames.of(call.function.label)
    here = call.function.position(call.op)
    if frame is None or here is None or call.on.name not in STATEMENTS:
        return
    args = [one for one in zip(call.op.args, frame.args(here), strict=False) if _is_plain(one[0])]
    if call.name in _JOINS and _is_outer(call.op, call.name) and args:
        yield from _target(known, args[0][1])
    elif call.name in _FROM_JOINS and _is_outer(call.op, call.name) and len(args) > 1:
        yield from _target(known, args[1][1])
    elif call.name == "select_from":
        for _, one in args:
            yield from _inside(known, frame, one, 0)


def _is_plain(arg: Arg) -> bool:
    return not arg.star and arg.keyword in (None, "target", "right", "from_")


def _is_outer(op: Op, name: str) -> bool:
    words = {arg.keyword: arg.value for arg in op.args}
    outer = name.startswith("outer") or words.get("isouter") == Const(True)
    return outer or words.get("full") == Const(True)


def _inside(known: Reader, frame: Frame, one: Spot, depth: int) -> Iterator[_Target]:
    """The outer joins in a FROM that this function puts together: ``outerjoin(A, B)``,
    ``a.outerjoin(b)``."""
    makers = list(known.origins.makers(one))
    made = makers[0] if len(makers) == 1 else None
    if made is None or made.frame.label != frame.label or depth > CHAIN:
        return
    op, at = made.frame.op(made.at), made.at
    if op.do != "call" or op.on is None:
        return
    on, args = made.frame.on(at), made.frame.args(at)
    if on.kind.name == NAME:
        last = dotted_label(on.kind, op.name)
        name, left, right = last.rpartition(".")[2], args[:1], args[1:2]
    else:
        name, left, right = op.name or "", [on], args[:1]
        if on.kind.name not in _FROMS:
            return
    if name not in _JOINS or not right:
        return
    if _is_outer(op, name):
        yield from _target(known, right[0])
    for side in left:
        yield from _inside(known, frame, side, depth + 1)


def _target(known: Reader, there: Spot) -> Iterator[_Target]:
    """What is joined: a class, a table, an alias, or what a relationship leads to."""
    if "relationship" in there.kind.traits:
        yield from _related(known, there)
        return
    made = next(iter(known.origins.makers(there)), None)
    op = made.frame.op(made.at) if made is not None else None
    if made is not None and op is not None and op.name == "of_type" and op.args:
        yield from _target(known, made.frame.args(made.at)[0])
        return
    found = source(known, there)
    if found:
        yield _Target(there.ref, found, described(there.frame.graph, there.operand))


def _related(known: Reader, there: Spot) -> Iterator[_Target]:
    owner = read_of(known, there)
    models = known.project.models
    model = models.of(owner.kind.label) if owner is not None else None
    relation = models.relation(model, there.kind.label.rpartition(".")[2]) if model else None
    target = relation.target if relation is not None else None
    if model is None or target is None or target in models.lineage(model):
        return
    if model not in models.lineage(target):  # of itself: which of both a column is of, is open
        yield _Target(there.ref, target.label, target.name)


# --- what is asked of it ---------------------------------------------------------------------


class _Met(NamedTuple):
    """A criterion that leaves the rows out."""

    column: str
    ref: Ref
    path: str
    negative: bool


def _criteria_met(call: Call, absent: Absent) -> set[_Met]:
    """The criteria that leave the rows without a match out, when each way of the statement meets
    one of them and nothing speaks of NULL; else none."""
    start = begun(call.function, call.op)
    if start is None:
        return set()
    met = set[_Met]()
    if any(_reads(absent, stop, met) for stop in before(call.function, start)):
        return set()
    waiting, seen = [(start, bool(met))], set[tuple[object, ...]]()
    while waiting:
        stop, is_met = waiting.pop()
        if len(seen) > STEPS:
            return set()
        for there in onward(call.function, stop):
            now = is_met
            if there.does in _ENDS:
                if not now:
                    return set()
                continue
            if there.does == "adds":
                count = len(met)
                if _reads(absent, there, met):
                    return set()
                now = now or len(met) > count or _is_among(met, there)
            if (there.key, now) not in seen:
                seen.add((there.key, now))
                waiting.append((there, now))
    return met


def _is_among(met: set[_Met], stop: Stop) -> bool:
    refs = {(one.ref, one.path) for one in met}
    path = stop.frame.typed.module.path
    return any((one.ref, path) in refs for one in stop.args)


def _reads(absent: Absent, stop: Stop, met: set[_Met]) -> bool:
    """Note what leaves the rows out; whether a criterion speaks of NULL."""
    if stop.op.name not in _CRITERIA:
        return False
    path = stop.frame.typed.module.path
    for arg, one in zip(stop.op.args, stop.args, strict=False):
        elements = listed(absent.known, one) if arg.star == 1 else [one]
        for criterion in elements or ():
            if speaks_of_null(absent, criterion):
                return True
            if leaves_out(absent, criterion) and not arg.star:
                column, negative = column_in(absent, criterion), is_negative(absent, criterion)
                met.add(_Met(column, one.ref, path, negative))
    return False
