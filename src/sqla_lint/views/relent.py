"""Generators that lend what another generator lends them, out of a loop over it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Op, Place
from sqla_lint.views.function import Function

_LENT = frozenset({kinds.SESSION, kinds.CONNECTION})


class Relent(NamedTuple):
    """What is yielded, the loop over the generator that lends it, and the `yield`."""

    name: Place
    loop: Op
    lent: Op


def relent(function: Function) -> Iterator[Relent]:
    """``async for db in get_db(): yield db``: nobody else has the inner generator, and what is
    raised at the `yield` leaves the loop without closing it. A plain generator ends as soon as it
    is dropped; one of asyncio when its loop gets to it."""
    if not function.is_generator or not function.typed.function.is_async:
        return
    loops: dict[Place, Op] = {}
    for operation in function.operations():
        op, on = operation.op, operation.on
        if op.do == "next" and op.dst and str(op.on).startswith("%"):
            made = function.maker(op.on)
            lends = on.name == kinds.GENERATOR and on.is_async and on.label
            own = [one for one in on.of if one.name in _LENT and one.owner in _ENDED]
            if lends and own and made is not None and made.op.do == "call":
                loops[op.dst] = op
    for operation in function.operations() if loops else ():
        op = operation.op
        if op.do == "yield" and isinstance(op.on, str) and op.on in loops:
            yield Relent(op.on, loops[op.on], op)


_ENDED = frozenset({"local", "managed"})  # by the generator that lends it
