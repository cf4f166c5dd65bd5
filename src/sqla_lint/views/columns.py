"""Columns that the rows given to an INSERT name, and its table does not have."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.project.frames import Spot
from sqla_lint.project.kind import NAME
from sqla_lint.project.mapping import Table
from sqla_lint.views.function import Call
from sqla_lint.views.sql import reader, spot

_KEEPS = frozenset({"returning", "prefix_with", "execution_options"})
CHAIN = 6  # calls between the INSERT and its execution


def not_columns(call: Call) -> tuple[str, ...]:
    """Keys of the row that an INSERT into a Core table is executed with, without a column."""
    given = call.executed()
    parameters = call.parameters()
    if given is None or given[1].name != kinds.INSERT or parameters.given != "names":
        return ()
    target = _target(call, spot(call, *given))
    table = _table(call, target) if target is not None else None
    if table is None or table.open or any(column.opaque for column in table.columns):
        return ()
    known = {column.name for column in table.columns} | {c.db_name for c in table.columns}
    for column in table.columns:
        key = column.call.word("key") if column.call is not None else None
        if key is not None and key.text is None:
            return ()
        known.add(key.text or "" if key is not None else "")
    return tuple(name for name in parameters.names if name not in known)


def _target(call: Call, there: Spot | None) -> Spot | None:
    """What `insert()` is called with, or on, when nothing else says which columns are set."""
    for _ in range(CHAIN):
        makers = list(reader(call.function.project).origins.makers(there)) if there else []
        if len(makers) != 1:
            return None
        frame, at = makers[0].frame, makers[0].at
        op = frame.op(at)
        if op.do != "call" or op.on is None:
            return None
        on = frame.on(at)
        if on.kind.name == kinds.INSERT and op.name in _KEEPS:
            there = on
            continue
        if on.kind.name == kinds.TABLE and op.name == "insert":
            return on
        if on.kind.name == NAME and on.kind.label.startswith("sqlalchemy"):
            args = frame.args(at)
            return args[0] if len(args) == 1 and args[0].kind.name == kinds.TABLE else None
        return None
    return None


def _table(call: Call, target: Spot) -> Table | None:
    """The Core table that a name means, when there is only one it can."""
    if not isinstance(target.operand, str):
        return None
    typed = target.frame.typed
    models = call.function.project.models
    label = models.scopes.resolve(typed.module, typed.function, target.operand)
    found = [table for table in models.tables if table.label == label]
    return found[0] if len(found) == 1 and label not in models.models else None
