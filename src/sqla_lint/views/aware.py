"""Datetimes with a time zone that meet those of a column without one."""

from __future__ import annotations

from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Const, Op
from sqla_lint.project.frames import Frame, Spot
from sqla_lint.project.linked import Project
from sqla_lint.views.function import Operation
from sqla_lint.views.sql import reader

_ORDERED = frozenset({"<", ">", "<=", ">="})
_NOW = frozenset({"datetime.datetime.now", "datetime.datetime.fromtimestamp"})
_NAIVE_TYPES = frozenset({"DateTime", "DATETIME", "TIMESTAMP"})
DEPTH = 6  # sums and names between a value and the clock


class Mixed(NamedTuple):
    """A column's value that is compared with, or taken from, a datetime with a time zone."""

    attribute: str  # ``Model.attribute``


def mixed(operation: Operation) -> Mixed | None:
    """An operation of Python on a naive datetime that a row gave and an aware one."""
    op, function = operation.op, operation.function
    frame = reader(function.project).frames.of(function.label)
    here = function.position(op)
    if frame is None or here is None:
        return None
    if op.do == "compare" and op.name in _ORDERED:
        sides = [frame.on(here), *frame.args(here)]
    elif op.do == "binop" and op.name == "-":
        sides = frame.args(here)
    else:
        return None
    if len(sides) != 2:
        return None
    for one, other in (sides, sides[::-1]):
        name = _naive(function.project, one)
        if name and _is_aware(function.project, other, DEPTH):
            return Mixed(name)
    return None


def _naive(project: Project, spot: Spot) -> str:
    """The column without a time zone that a row of the database gave the value of."""
    frame = spot.frame
    if not isinstance(spot.operand, str):
        return ""
    found = frame.graph.definitions(spot.operand, spot.at, lambda *_: False)
    if len(found.positions) != 1 or found.entry:
        return ""
    at = found.positions[0]
    op = frame.op(at)
    if op.do == "move":
        return _naive(project, frame.on(at))
    if op.do != "getattr" or op.name is None:
        return ""
    on = frame.on(at)
    if on.kind.name != kinds.ENTITY or "queried" not in on.kind.traits or _is_set(frame, op):
        return ""
    model = project.models.of(on.kind.label)
    column = project.models.columns_of(model).get(op.name) if model is not None else None
    of = column.type if column is not None else None
    if model is None or of is None or of.name not in _NAIVE_TYPES or of.args or of.words:
        return ""
    plain = of.dotted.startswith("sqlalchemy.")
    return f"{model.name}.{op.name}" if plain and not of.varies else ""


def _is_set(frame: Frame, read: Op) -> bool:
    """The function sets such an attribute itself: it may hold what it was given."""
    return any(
        op.do == "setattr" and op.name == read.name
        for block in frame.typed.function.blocks
        for op in block.ops
    )


def _is_aware(project: Project, spot: Spot, depth: int) -> bool:
    """``datetime.now(timezone.utc)``, or that with something added."""
    makers = list(reader(project).origins.makers(spot)) if depth else []
    return bool(makers) and all(_makes_aware(project, made, depth) for made in makers)


def _makes_aware(project: Project, made: Spot, depth: int) -> bool:
    frame, at = made.frame, made.at
    op = frame.op(at)
    if op.do == "binop" and op.name in ("+", "-"):
        left, right = frame.args(at)
        return _is_aware(project, left, depth - 1) and not _is_aware(project, right, depth - 1)
    if op.do != "call" or op.on is None:
        return False
    kind = frame.on(at).kind
    called = f"{kind.label}.{op.name}" if op.name else kind.label
    if called not in _NOW or any(arg.star for arg in op.args):
        return False
    zones = [
        arg.value
        for number, arg in enumerate(op.args)
        if arg.keyword == "tz" or (not arg.keyword and number == len(op.args) - 1)
    ]
    needed = 1 if called.endswith("now") or any(arg.keyword == "tz" for arg in op.args) else 2
    return len(op.args) >= needed and bool(zones) and zones != [Const(None)]
