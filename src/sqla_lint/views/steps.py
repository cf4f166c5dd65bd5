"""Steps of an upgrade that a program keeps itself: each brings the schema one version further."""

from __future__ import annotations

from sqla_lint import sqltext
from sqla_lint.catalog import kinds
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_function
from sqla_lint.views.spelled import mentions
from sqla_lint.views.tables import tables, takers

_RUNNERS = frozenset({kinds.CONNECTION, kinds.ENGINE, kinds.SESSION, kinds.SCOPED_SESSION})
_RUNS = frozenset({"exec_driver_sql", "execute"})
_WRITTEN = frozenset({kinds.TEXT, kinds.DDL})
_SCHEMA = frozenset({kinds.METADATA, kinds.TABLE})
_MAKING = frozenset({"create", "create_all", "drop", "drop_all"})


@per_function
def is_step(function: Function) -> bool:
    """A function that changes the schema and stands in a table of such steps, one after the other,
    which somebody goes through; nothing else so much as says its name. It runs once."""
    code, name = function.typed.function, function.qualname
    if "." in name or code.kind != "def" or code.decorators or not _changes_schema(function):
        return False
    places = list(mentions(function, name))
    return bool(places) and all(
        (put := tables(module, body, op, name))
        and all(table.ordered for table in put)
        and takers(function, module, body, op, name)
        for module, body, _, op in places
    )


def _changes_schema(function: Function) -> bool:
    typed = function.typed
    for number, i, op in function.call_positions:
        on = typed.on[number][i].name
        if on in _SCHEMA and op.name in _MAKING:
            return True
        runs = on in _RUNNERS and op.name in _RUNS
        if not (runs or typed.dst[number][i].name in _WRITTEN):
            continue
        given = typed.args[number][i][:1]
        if any(kind.name == kinds.STR and sqltext.kind(kind.label) == "ddl" for kind in given):
            return True
    return False
