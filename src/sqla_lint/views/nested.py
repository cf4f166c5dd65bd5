"""Subqueries in subqueries that name a table of the outermost statement: it is not correlated."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Op
from sqla_lint.project.frames import Spot
from sqla_lint.project.kind import NAME, Kind
from sqla_lint.project.texts import Reader
from sqla_lint.views.function import Call
from sqla_lint.views.onward import STATEMENTS
from sqla_lint.views.paths import Note, elsewhere
from sqla_lint.views.sources import column_source, source
from sqla_lint.views.sql import reader, spot
from sqla_lint.views.sqlfunctions import function_name

CHAIN = 20  # calls of one statement
STEPS = 200  # operations that the criteria of one statement are made of
HELPERS = 3  # functions that return criteria of functions

_CRITERIA = frozenset({"where", "filter", "having"})
_FROMS = frozenset({"select_from", "join", "outerjoin", "join_from", "outerjoin_from"})
_CORRELATES = frozenset({"correlate", "correlate_except"})
_WRAPS = frozenset({"exists", "scalar_subquery", "as_scalar", "label", "subquery", "self_group"})
_KEEPS = frozenset({"limit", "order_by", "group_by", "distinct", "with_for_update", "options"})
_BEGINS = frozenset({"select", "exists", "query"})
_JOINS_CRITERIA = frozenset({"and_", "or_", "not_", "literal", "case", "coalesce"})
_NAMED = frozenset({kinds.MAPPED_CLASS, kinds.TABLE, kinds.FROM_CLAUSE})


class Uncorrelated(NamedTuple):
    """A subquery of a subquery that reads a table of the outermost statement."""

    at: int
    table: str
    steps: tuple[Note, ...]
    path: str


class _Statement(NamedTuple):
    """A SELECT: what it names in its FROM, its criteria, and whether it says what it correlates."""

    froms: frozenset[str]
    criteria: tuple[Spot, ...]
    correlates: bool


def uncorrelated(call: Call) -> Iterator[Uncorrelated]:
    """What a criterion of a statement has in a subquery of a subquery that belongs to the
    statement itself."""
    if call.name not in _CRITERIA or call.on.name not in STATEMENTS or call.op.on is None:
        return
    known = reader(call.function.project)
    frame = known.frames.of(call.function.label)
    here = call.function.position(call.op)
    outer = _statement(known, frame.on(here)) if frame is not None and here is not None else None
    if outer is None or not outer.froms:
        return
    for arg, kind in zip(call.op.args, call.arg_kinds, strict=True):
        there = spot(call, arg, kind) if not arg.star else None
        for middle in _subqueries(known, there) if there is not None else ():
            for found in _within(known, outer, middle):
                path = found.frame.typed.module.path
                yield Uncorrelated(
                    found.ref,
                    _named(found.kind),
                    (Note("of the outermost statement", arg.at),),
                    elsewhere(call.function, path),
                )
                return


def _named(column: Kind) -> str:
    """The class or table of a column, as its module writes it; "" where it has no name."""
    owner = column.label.rpartition(".")[0].rpartition(":")[2]
    return owner.removesuffix(".columns").removesuffix(".c")


def _within(known: Reader, outer: _Statement, middle: _Statement) -> Iterator[Spot]:
    away = outer.froms - middle.froms
    if middle.correlates:
        return
    for criterion in middle.criteria:
        for inner in _subqueries(known, criterion):
            if inner.correlates:
                continue
            for column, label in _columns(known, inner):
                if label in away - inner.froms:
                    yield column
                    break


# --- statements ------------------------------------------------------------------------------


def _statement(known: Reader, there: Spot) -> _Statement | None:
    """What is known of a statement, or of an EXISTS; None when something else may name tables."""
    froms: set[str] = set()
    criteria: list[Spot] = []
    correlates = False
    for _ in range(CHAIN):
        made = _maker(known, there)
        if made is None:
            return None
        op, args = made.frame.op(made.at), made.frame.args(made.at)
        if op.do != "call" or op.on is None or any(arg.star for arg in op.args):
            return None
        on = made.frame.on(made.at)
        name = function_name(op, on)
        if name in _BEGINS and not _goes_on(op, on):
            for one in args:
                if one.kind.name == kinds.SELECT:
                    return _statement(known, one)
                froms.add(_from(known, one))
            return _Statement(frozenset(froms - {""}), tuple(criteria), correlates)
        if name in _CRITERIA:
            criteria += args
        elif name in _FROMS:
            froms.update(_from(known, one) for one in args[:2])
        elif name in _CORRELATES:
            correlates = True
        elif name not in _WRAPS | _KEEPS:
            return None
        there = on
    return None


def _goes_on(op: Op, on: Spot) -> bool:
    """``select(...).exists()``: a method of a statement that is there."""
    return op.name == "exists" and on.kind.name in STATEMENTS


def _maker(known: Reader, there: Spot) -> Spot | None:
    """The one operation that makes it, also in a function of the project."""
    for _ in range(HELPERS):
        makers = list(known.origins.makers(there))
        if len(makers) != 1:
            return None
        made = makers[0]
        op = made.frame.op(made.at)
        callee = known.frames.callee(made.frame, made.at) if op.do == "call" else None
        if callee is None:
            return made
        returned = list(callee.returned())
        if len(returned) != 1 or known.origins.is_wrapped(callee.label):
            return None
        there = returned[0]
    return None


def _from(known: Reader, one: Spot) -> str:
    """The FROM that an argument brings: a class, a column of one, the target of a relationship."""
    if one.kind.name in _NAMED:
        return source(known, one)
    if "relationship" in one.kind.traits:
        owner, _, name = one.kind.label.rpartition(".")
        model = known.project.models.of(owner)
        relation = known.project.models.relation(model, name) if model is not None else None
        target = relation.target if relation is not None else None
        return target.label if target is not None else ""
    return column_source(known, one) if one.kind.name == kinds.COLUMN_EXPR else ""


# --- criteria --------------------------------------------------------------------------------


def _subqueries(known: Reader, there: Spot) -> Iterator[_Statement]:
    """The subqueries of a criterion, not those inside of them."""
    for one in _parts(known, there):
        if isinstance(one, _Statement):
            yield one


def _columns(known: Reader, of: _Statement) -> Iterator[tuple[Spot, str]]:
    """The columns that the criteria of a statement name, without those of its subqueries."""
    for criterion in of.criteria:
        for one in _parts(known, criterion):
            if isinstance(one, Spot):
                yield one, column_source(known, one)


def _parts(known: Reader, there: Spot) -> Iterator[Spot | _Statement]:
    waiting = [there]
    for _ in range(STEPS):
        if not waiting:
            return
        one = waiting.pop()
        if one.kind.name in STATEMENTS:
            inner = _statement(known, one)
            if inner is not None:
                yield inner
            continue
        if one.kind.name == kinds.COLUMN_EXPR and one.kind.label:
            yield one
            continue
        made = _maker(known, one)
        op = made.frame.op(made.at) if made is not None else None
        if made is None or op is None:
            continue
        on = made.frame.on(made.at) if op.on is not None else None
        if op.do == "call" and on is not None:
            inner = _statement(known, one) if _is_subquery(op, on) else None
            if inner is not None:
                yield inner
                continue
            if on.kind.name == kinds.COLUMN_EXPR:
                waiting.append(on)
            elif function_name(op, on) not in _JOINS_CRITERIA and on.kind.name != NAME:
                continue
        elif op.do in ("compare", "unary") and on is not None:
            waiting.append(on)
        elif op.do != "binop":
            continue
        waiting += made.frame.args(made.at)


def _is_subquery(op: Op, on: Spot) -> bool:
    """An EXISTS, or a SELECT that stands for a value."""
    name = function_name(op, on)
    if on.kind.name in STATEMENTS:
        return name in _WRAPS
    return name == "exists" or name in _CRITERIA | _FROMS | _CORRELATES
