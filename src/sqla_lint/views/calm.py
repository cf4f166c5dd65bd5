"""Which operations of a function may flush a session: whatever is not known to send nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from sqla_lint.catalog import kinds
from sqla_lint.ir import Op
from sqla_lint.project.callers import called
from sqla_lint.project.definitions import Position
from sqla_lint.project.frames import Frame
from sqla_lint.project.iteration import COLLECTORS
from sqla_lint.project.kind import FOREIGN, NAME, Kind, is_own_function
from sqla_lint.views.function import Function
from sqla_lint.views.sql import reader

# Functions in functions that are asked; what lies deeper may flush.
DEPTH = 24

_ADDS = frozenset({"add", "add_all", "expunge", "no_autoflush", "info"})
_SESSIONS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION})
# What has a database behind it: a call of it may flush.
_ASKS = _SESSIONS | {kinds.CONNECTION, kinds.QUERY, kinds.RESULT, kinds.SCALARS, kinds.ENGINE}
_ASKS |= {kinds.FLASK_DB, kinds.COLLECTION, kinds.TRANSACTION, kinds.SAVEPOINT, kinds.ENTITY}
_ASKS |= {kinds.CONTEXT_MANAGER, kinds.UNKNOWN, kinds.COROUTINE, kinds.MAPPINGS}
_OF_DATABASES = ("sqlalchemy", "sqlmodel", "flask_sqlalchemy", "alembic")
_BUILDERS = ("select", "insert", "update", "delete", "func", "and_", "or_", "text", "literal")
# Methods of texts, numbers and loggers, whatever they are called on.
_PLAIN = frozenset(
    {"strip", "lower", "upper", "title", "split", "format", "isoformat", "encode", "decode"}
    | {"debug", "info", "warning", "error", "exception", "total_seconds", "hexdigest", "items"}
)
# Builtins that may go through a query, or load something of an object.
_REACHING = COLLECTORS | {"builtins.next", "builtins.setattr"}


def may_flush(function: Function, frame: Frame, depth: int = DEPTH) -> Iterator[Position]:
    """The operations of a frame that may flush a session, as far as can be told."""
    for number, block in enumerate(frame.typed.function.blocks):
        for i, op in enumerate(block.ops):
            if _is_stop(function, frame, (number, i), op, depth):
                yield number, i


def _is_stop(function: Function, frame: Frame, at: Position, op: Op, depth: int) -> bool:
    on, args = frame.typed.on[at[0]][at[1]], frame.typed.args[at[0]][at[1]]
    if op.do == "call":
        if not _is_calm(function, op, on, depth):
            return True
        lent = on.name not in _SESSIONS and any(kind.name in _SESSIONS for kind in args)
        return lent and not _is_own_calm(function, op, on, depth)
    if op.do == "next":
        return op.name == "async" or on.name in _ASKS - {kinds.UNKNOWN}
    if op.do == "getattr":
        return on.name == kinds.ENTITY and _loads(function, on, op)
    return op.do in ("yield", "leave", "enter")


def _loads(function: Function, on: Kind, op: Op) -> bool:
    model = function.project.models.of(on.label)
    attribute = function.project.models.attribute(model, op.name or "") if model else None
    return attribute is None or attribute.role != "column"


def _is_calm(function: Function, op: Op, on: Kind, depth: int) -> bool:
    """A call that surely sends nothing to a database."""
    if on.name in _SESSIONS:
        return op.name in _ADDS
    if on.name in (NAME, FOREIGN, kinds.CLASS):
        if on.label.startswith(_OF_DATABASES):
            return on.label.rpartition(".")[2] in _BUILDERS or op.name in _BUILDERS
        if on.label in _REACHING:
            return False
        return on.name != kinds.CLASS or _is_own_calm(function, op, on, depth)
    if on.name == kinds.MAPPED_CLASS:
        return op.name is None
    if on.name in (kinds.FUNCTION, kinds.INSTANCE):
        return _is_own_calm(function, op, on, depth)
    if on.name == kinds.UNKNOWN:
        return op.name in _PLAIN
    return on.name not in _ASKS


def _is_own_calm(function: Function, op: Op, on: Kind, depth: int) -> bool:
    """A function of the project is called, in which nothing flushes."""
    project = function.project
    callee = called(project.knowledge, op, on)
    if callee.name == kinds.CLASS or on.name == kinds.CLASS:
        init = project.knowledge.classes.method(on.label, "__init__")
        return init is None or _flushes_nothing(function, init, depth)
    if not is_own_function(callee):
        return False
    return _flushes_nothing(function, callee.label, depth)


def _flushes_nothing(function: Function, label: str, depth: int) -> bool:
    if not depth:
        return False
    memo = cast("dict[str, bool]", function.project.memo.setdefault("flush nothing", {}))
    if label not in memo:
        memo[label] = False  # while it is being asked
        frame = reader(function.project).frames.of(label)
        if frame is None or frame.typed.function.is_generator:
            return False
        memo[label] = next(may_flush(function, frame, depth - 1), None) is None
    return memo[label]
