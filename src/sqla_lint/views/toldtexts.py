"""Statements whose text only the callers of a function know."""

from __future__ import annotations

from typing import NamedTuple

from sqla_lint import sqltext
from sqla_lint.catalog import kinds
from sqla_lint.flow.root import Position, Root
from sqla_lint.ir import Op, Ref
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_function
from sqla_lint.views.sql import CALLERS, reader

_RUNNING = frozenset({"execute", "exec_driver_sql"})
_CHANGES = frozenset({"INSERT", "UPDATE", "DELETE"})


class Told(NamedTuple):
    """Where a caller passes a constant text that changes rows: the verb, the place and the file."""

    verb: str
    at: Ref
    path: str


@per_function
def told_writes(function: Function) -> dict[Position, Told]:
    """Where the function executes a text that it is given, and some caller gives it one that
    changes rows."""
    found: dict[Position, Told] = {}
    params = {param.name for param in function.typed.function.params}
    params -= {op.dst for _, _, op in function.positions}
    for number, i, op in function.call_positions:
        on = function.typed.on[number][i]
        if op.name not in _RUNNING or on.name not in (kinds.CONNECTION, kinds.SESSION):
            continue
        name = _parameter(function, op, params)
        told = _told(function, name) if name else None
        if told is not None:
            found[number, i] = told
    return found


def only_told(function: Function, root: Root, told: dict[Position, Told]) -> bool:
    """All that is executed on an object of which the function cannot tell what it is."""
    positions = {id(function.op(position)) for position in told}
    unknown = [use.op for use in function.uses(root) if "execute" in use.happening.events]
    return bool(unknown) and all(id(op) in positions for op in unknown)


def _parameter(function: Function, op: Op, params: set[str]) -> str:
    """The parameter that is the text of a statement, of those that are never assigned."""
    value = op.args[0].value if op.args and not op.args[0].keyword else None
    made = function.maker(value) if isinstance(value, str) else None
    if made is not None and made.op.do == "call" and made.result.name == kinds.TEXT:
        value = made.op.args[0].value if len(made.op.args) == 1 else None
    return value if isinstance(value, str) and value in params else ""


def _told(function: Function, name: str) -> Told | None:
    known = reader(function.project)
    for spot in known.frames.callers(function.label, name)[:CALLERS]:
        path = spot.frame.typed.module.path
        if function.project.knowledge.told.is_test(path):
            continue
        text = spot.kind.label if spot.kind.name in (kinds.STR, kinds.TEXT) else ""
        verb = text.split(maxsplit=1)[0].upper() if text.strip() else ""
        if verb in _CHANGES and sqltext.kind(text) == "dml":
            return Told(verb, spot.ref, path)
    return None
