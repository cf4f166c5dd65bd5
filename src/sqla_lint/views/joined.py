"""Sessions on a connection that is there already: what is added to them, and never sent."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.catalog import kinds
from sqla_lint.flow.root import Root
from sqla_lint.ir import Op
from sqla_lint.views.function import Function

# What happens to a session that only ever collects objects.
_COLLECTING = frozenset({"add", "touch", "close", "expunge"})


def never_sent(function: Function) -> Iterator[tuple[Root, Op]]:
    """Sessions that this function makes on somebody's connection, with the last object that is
    added: no flush, no commit, no statement before which they would flush by themselves."""
    if kinds.SESSION not in function.typed.present:
        return
    for number, i, op in function.positions:
        kind = function.typed.dst[number][i]
        if op.do != "call" or kind.name != kinds.SESSION or kind.owner != "joined":
            continue
        on = function.typed.on[number][i]
        if on.name in (kinds.SESSION, kinds.SCOPED_SESSION) or "autocommit" in kind.traits:
            continue
        if all(arg.name != kinds.CONNECTION for arg in function.typed.args[number][i]):
            continue
        root = Root(kind, (number, i))
        uses = function.uses(root)
        events = {event for use in uses for event in use.happening.events}
        added = [use.op for use in uses if "add" in use.happening.events]
        if added and events <= _COLLECTING and not any(_leaves(use.op.do) for use in uses):
            yield root, max(added, key=lambda one: one.at)


def _leaves(do: str) -> bool:
    return do in ("return", "yield", "setattr", "setitem", "closure", "pack")
