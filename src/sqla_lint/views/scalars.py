"""Loops that take apart what `scalars()` gives: values of the first column."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.project.frames import Spot
from sqla_lint.views.function import Operation
from sqla_lint.views.sql import reader

_RUNNERS = frozenset({kinds.CONNECTION, kinds.SESSION, kinds.SCOPED_SESSION})
_SAME = frozenset({"all", "fetchall", "unique", "yield_per"})
STEPS = 12  # calls between a loop and what ran its statement


def unpacked_scalars(operation: Operation) -> int:
    """How many columns are selected for scalars that a loop unpacks; 0 where it is no such loop."""
    op, function = operation.op, operation.function
    readers = function.readers.get(op.dst, []) if op.dst is not None else []
    if not readers or any(other.do != "unpack" for other in readers) or len(readers) < 2:
        return 0
    frame = reader(function.project).frames.of(function.label)
    here = function.position(op)
    if frame is None or here is None or op.on is None:
        return 0
    statement = _statement(operation, frame.on(here))
    known = statement is not None and statement.kind.name == kinds.SELECT
    return len(statement.kind.of) if known and statement is not None and _is_many(statement) else 0


def _is_many(statement: Spot) -> bool:
    return len(statement.kind.of) > 1


def _statement(operation: Operation, there: Spot) -> Spot | None:
    """The statement whose first column is read; None for anything else than scalars of it."""
    scalars = False
    for _ in range(STEPS):
        makers = list(reader(operation.function.project).origins.makers(there))
        if len(makers) != 1:
            return None
        made = makers[0]
        op = made.frame.op(made.at)
        if op.do != "call" or op.on is None:
            return None
        on = made.frame.on(made.at)
        args = made.frame.args(made.at)
        if on.kind.name in _RUNNERS:
            runs = op.name == "scalars" or (op.name == "execute" and scalars)
            return args[0] if runs and args else None
        if op.name == "scalars" and on.kind.name == kinds.RESULT:
            if args:
                return None  # `scalars(1)`: another column
            scalars = True
        elif op.name not in _SAME:
            return None
        there = on
    return None
