"""Collections of one table that are joined side by side, and aggregates over several of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.project.frames import Spot
from sqla_lint.project.mapping import Model
from sqla_lint.project.texts import Reader
from sqla_lint.views.function import Call
from sqla_lint.views.onward import STATEMENTS, Stop, before, beginning, begun
from sqla_lint.views.paths import Note, elsewhere
from sqla_lint.views.sources import column_source, read_of
from sqla_lint.views.sql import reader
from sqla_lint.views.sqlfunctions import function_name

STEPS = 120  # operations that the selected expressions are made of

_JOINS = frozenset({"join", "outerjoin"})
_SELECTS = frozenset({"add_columns", "with_only_columns", "with_entities"})
_COUNTS = frozenset({"sum", "count"})
_UNIQUE = frozenset({"distinct"})


class Multiplied(NamedTuple):
    """Two classes that are joined to a third, each of many rows for one row of it."""

    at: int
    parent: str
    one: str
    other: str
    steps: tuple[Note, ...]


class _Child(NamedTuple):
    """A class of which a join brings many rows for each row of another."""

    model: Model
    parent: Model


def multiplied(call: Call) -> Iterator[Multiplied]:
    """The collection that a join brings beside another one, where the statement sums or counts
    both."""
    if call.on.name not in STATEMENTS:
        return
    start = begun(call.function, call.op)
    known = reader(call.function.project)
    child = _child(known, start) if start is not None else None
    if start is None or child is None:
        return
    earlier = before(call.function, start)
    others = [
        (other, stop)
        for stop in earlier
        if stop.op.name in _JOINS
        and (other := _child(known, stop)) is not None
        and other.parent.label == child.parent.label
        and other.model.label != child.model.label
    ]
    if not others:
        return
    first = beginning(call.function, start)
    counted = _counted(known, [one for one in (first, *earlier) if one is not None])
    for other, stop in others:
        if {child.model.label, other.model.label} <= counted.keys():
            path = stop.frame.typed.module.path
            steps = [Note(f"`{other.model.name}` is joined", stop.op.at, path)]
            for model in (other.model, child.model):
                there = counted[model.label]
                where = there.frame.typed.module.path
                steps.append(Note(f"`{model.name}` is summed or counted", there.ref, where))
            yield Multiplied(
                start.args[0].ref,
                child.parent.name,
                other.model.name,
                child.model.name,
                tuple(n._replace(path=elsewhere(call.function, n.path)) for n in steps),
            )
            return


# --- joins -----------------------------------------------------------------------------------


def _child(known: Reader, stop: Stop) -> _Child | None:
    op, args = stop.op, stop.args
    if not args or op.args[0].star or op.args[0].keyword not in (None, "target"):
        return None
    target = args[0]
    condition = next(
        (
            spot
            for arg, spot in list(zip(op.args, args, strict=False))[1:]
            if arg.keyword in (None, "onclause")
        ),
        None,
    )
    if "relationship" in target.kind.traits:
        return _by_relationship(known, target) if condition is None else None
    if target.kind.name != kinds.MAPPED_CLASS or "alias" in target.kind.traits:
        return None
    model = known.project.models.of(target.kind.label)
    if model is None or condition is None:
        return None
    if "relationship" in condition.kind.traits:
        return _by_relationship(known, condition)
    return _by_condition(known, model, condition)


def _by_relationship(known: Reader, there: Spot) -> _Child | None:
    owner = read_of(known, there)
    models = known.project.models
    if owner is None or owner.kind.name != kinds.MAPPED_CLASS or "alias" in owner.kind.traits:
        return None
    parent = models.of(owner.kind.label)
    name = there.kind.label.rpartition(".")[2]
    relation = models.relation(parent, name) if parent is not None else None
    if parent is None or relation is None or relation.target is None or relation.many is not True:
        return None
    return _Child(relation.target, parent)


def _by_condition(known: Reader, model: Model, condition: Spot) -> _Child | None:
    """``Line.order_id == Order.id``, and nothing else: a foreign key that is not unique."""
    made = list(known.origins.makers(condition))
    op = made[0].frame.op(made[0].at) if len(made) == 1 else None
    if op is None or op.do != "compare" or op.name != "==":
        return None
    frame, at = made[0].frame, made[0].at
    sides = [frame.on(at), *frame.args(at)[:1]]
    for own, away in (sides, sides[::-1]):
        parent = known.project.models.of(column_source(known, away))
        if column_source(known, own) != model.label or parent is None or parent is model:
            continue
        name = own.kind.label.rpartition(".")[2]
        column = known.project.models.columns_of(model).get(name)
        if column is None or column.unique or column.opaque or not column.foreign_keys:
            return None
        table = known.project.models.table_of(parent)
        if table is None or not known.project.models.leads_to(column.foreign_keys[0], table):
            return None
        alone = [c for c in known.project.models.columns_of(model).values() if c.primary_key]
        return None if alone == [column] else _Child(model, parent)
    return None


# --- aggregates ------------------------------------------------------------------------------


def _counted(known: Reader, stops: list[Stop]) -> dict[str, Spot]:
    """The classes of whose columns the statement selects a sum or a count, with each place."""
    found: dict[str, Spot] = {}
    for stop in stops:
        begins = stop.frame.on(stop.at).kind.name not in STATEMENTS if stop.op.on else True
        if not begins and stop.op.name not in _SELECTS:
            continue
        waiting = [(one, False) for one in stop.args]
        steps = 0
        while waiting and steps < STEPS:
            steps += 1
            there, inside = waiting.pop()
            if inside and "mapped" in there.kind.traits and there.kind.label:
                label = column_source(known, there)
                if label:
                    found.setdefault(label, there)
                continue
            for made in known.origins.makers(there):
                waiting += _parts(made, inside)
    return found


def _parts(made: Spot, inside: bool) -> Iterator[tuple[Spot, bool]]:
    """What an expression is made of; whether it is summed or counted."""
    frame, at = made.frame, made.at
    op = frame.op(at)
    on = frame.on(at) if op.on is not None else None
    if op.do == "call" and on is not None:
        named = function_name(op, on)
        if named in _UNIQUE or op.name in ("subquery", "scalar_subquery", "over"):
            return
        inside = inside or named in _COUNTS
        if on.kind.name == kinds.COLUMN_EXPR:
            yield on, inside
    elif op.do in ("compare", "unary") and on is not None:
        yield on, inside
    elif op.do not in ("binop", "pack"):
        return
    for one in frame.args(at):
        yield one, inside
