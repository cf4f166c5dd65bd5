"""Connections under asyncio between being made and being started."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.flow.root import Root
from sqla_lint.views.function import Function

# What starts a connection, or gives it to somebody who may: all else waits for it in vain.
_STARTING = frozenset({"start", "__aenter__"})
_ASKED = frozenset({"call", "getattr"})
_SAME = frozenset({"move", "test", "compare", "boolop"})


def is_never_started(function: Function, root: Root) -> bool:
    """``engine.connect()`` of an AsyncEngine that nobody awaits or enters: only then does it ask
    the pool for a connection."""
    number, i = root.position
    on = function.typed.on[number][i]
    op = function.op(root.position)
    if op.do != "call" or op.name != "connect" or on.name != kinds.ENGINE or not on.is_async:
        return False
    held = {op.dst}
    for use in function.uses(root):
        if use.op.do == "move":
            held.add(use.op.dst)
    return all(
        use.op.do in _SAME
        or (use.op.do in _ASKED and use.op.on in held and use.op.name not in _STARTING)
        or (use.op.do == "await" and use.op.on not in held)
        for use in function.uses(root)
    )


def is_started(function: Function, root: Root) -> bool:
    """``await conn.start()`` gives the connection that it starts, which was made before."""
    op = function.op(root.position)
    made = function.maker(op.on) if op.do == "await" else None
    return (
        made is not None
        and (made.op.do, made.op.name) == ("call", "start")
        and made.on.name == kinds.CONNECTION
    )
