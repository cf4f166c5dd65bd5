"""Items that are asked of one value: `scalar_one()[0]`, `session.get(User, 1)["name"]`."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.ir import Const
from sqla_lint.project.frames import Spot
from sqla_lint.project.origins import Origins
from sqla_lint.views.function import Function, Operation
from sqla_lint.views.sql import reader

_NUMBERS = frozenset({kinds.INT, kinds.FLOAT, kinds.BOOL})
_VALUES = frozenset({"scalar", "scalar_one", "scalar_one_or_none"})
_ONE = _VALUES | {"first", "get", "get_one", "one", "one_or_none"}
_MANY = frozenset({"all", "fetchall", "unique"})
_SESSIONS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION})
_RUNNERS = _SESSIONS | {kinds.CONNECTION}
_OF_OBJECTS = frozenset({kinds.QUERY, kinds.SCALARS})
# Loops and lists between an object and the Query that gave it.
STEPS = 6


def indexed(operation: Operation) -> str:
    """What was read alone and is asked for an item, in words; "" where it is no such thing."""
    op, on, function = operation.op, operation.on, operation.function
    if op.do != "getitem" or function.is_test_code or len(op.args) != 1:
        return ""
    index = op.args[0].value
    if not isinstance(index, Const) or not isinstance(index.value, (int, str)):
        return ""
    frame = reader(function.project).frames.of(function.label)
    here = function.position(op)
    if frame is None or here is None:
        return ""
    origins = reader(function.project).origins
    if on.name == kinds.ENTITY:
        known = _has_no_items(function, on.label) and _is_object(origins, frame.on(here), 0)
        return f"an object of `{on.label.rpartition(':')[2]}`" if known else ""
    if not isinstance(index.value, int) or on.name not in _NUMBERS | {kinds.UNKNOWN}:
        return ""
    return "a number" if _is_number(origins, frame.on(here)) else ""


def _has_no_items(function: Function, label: str) -> bool:
    classes = function.project.knowledge.classes
    return classes.complete(label) and classes.method(label, "__getitem__") is None


def _is_object(origins: Origins, spot: Spot, depth: int) -> bool:
    """On every way that is known, a Query, scalars or a session gave it."""
    makers = list(origins.makers(spot)) if depth < STEPS else []
    return bool(makers) and all(_gives_object(origins, made, depth) for made in makers)


def _gives_object(origins: Origins, made: Spot, depth: int) -> bool:
    op = made.frame.op(made.at)
    if op.on is None:
        return False
    on = made.frame.on(made.at)
    if op.do in ("next", "getitem"):
        return on.kind.name in _OF_OBJECTS or _is_object(origins, on, depth + 1)
    if op.do != "call":
        return False
    if op.name in _MANY:
        return on.kind.name in _OF_OBJECTS
    if op.name in _VALUES and on.kind.name == kinds.RESULT:
        return True
    return op.name in _ONE and on.kind.name in _OF_OBJECTS | _SESSIONS


def _is_number(origins: Origins, spot: Spot) -> bool:
    """On every way that is known, it is the one value of a statement that counts, or that a method
    of a result gave and that is known to be a number."""
    makers = list(origins.makers(spot))
    for made in makers:
        op = made.frame.op(made.at)
        if op.do != "call" or op.name not in _VALUES or op.on is None:
            return False
        on = made.frame.on(made.at)
        if spot.kind.name not in _NUMBERS and not _counts(origins, on, made.frame.args(made.at)):
            return False
        if on.kind.name not in _RUNNERS | {kinds.RESULT, kinds.QUERY}:
            return False
    return bool(makers)


def _counts(origins: Origins, on: Spot, args: list[Spot]) -> bool:
    """What is read is a `count()` alone."""
    if on.kind.name == kinds.QUERY:
        selected = on.kind.of
    elif on.kind.name in _RUNNERS:
        selected = args[0].kind.of if args and args[0].kind.name == kinds.SELECT else ()
    else:
        runs = list(origins.makers(on)) if on.kind.name == kinds.RESULT else []
        run = runs[0].frame.args(runs[0].at)[:1] if len(runs) == 1 else []
        selected = run[0].kind.of if run and run[0].kind.name == kinds.SELECT else ()
    return len(selected) == 1 and "counts" in selected[0].traits
