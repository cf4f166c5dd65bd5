"""Sessions and connections that something closes besides the call that is looked at."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.ir import ENTRY, EXIT, Op, Place
from sqla_lint.ir import Function as Code
from sqla_lint.project.kind import Kind
from sqla_lint.views.function import Function
from sqla_lint.ways import behind

_CLOSING = frozenset({"aclose", "close"})
_HANDLES = frozenset({kinds.CONNECTION, kinds.SESSION})


def is_closed_anyway(function: Function, call: Op, on: Kind) -> bool:
    """A ``close()`` that does nothing more than what is done in any case: by who lends the session,
    by the ``async with`` that it stands in or comes after, or by a ``close()`` that is awaited."""
    if call.name not in _CLOSING or on.name not in _HANDLES:
        return False
    if on.owner == "managed":
        return True
    code, place = function.typed.function, call.on
    if not isinstance(place, str):
        return False
    left = _left(code, place)
    closed = left | _awaited(function, place)
    for number, block in enumerate(code.blocks):
        for i, op in enumerate(block.ops):
            if op is not call:
                continue
            before = {at for at, k in left if (at, k) != (number, i) and (at != number or k < i)}
            after = {at for at, k in closed if at != number or k > i}
            starts = [] if number in after else [edge.to for edge in block.edges]
            is_left = number in before or number not in behind(
                code.blocks, [ENTRY], stop=before, caught=True
            )
            return is_left or EXIT not in behind(code.blocks, starts, stop=after)
    return False


def _left(code: Code, place: Place) -> set[tuple[int, int]]:
    """Where an ``async with`` over it ends; nowhere, where it may have got another value."""
    ops = [op for block in code.blocks for op in block.ops]
    managers = {op.on for op in ops if op.do == "enter" and place in (op.dst, op.on)}
    makers = [op for op in ops if op.dst == place]
    entered = {op.dst for op in ops if op.do == "enter" and op.on in managers}
    if place in entered and any(op.do != "enter" for op in makers):
        return set()
    if len(makers) > 1 and place not in entered:
        return set()
    return {
        (number, i)
        for number, block in enumerate(code.blocks)
        for i, op in enumerate(block.ops)
        if op.do == "leave" and op.on in managers
    }


def _awaited(function: Function, place: Place) -> set[tuple[int, int]]:
    blocks = function.typed.function.blocks
    awaited = {op.on for block in blocks for op in block.ops if op.do == "await"}
    return {
        (number, i)
        for number, block in enumerate(blocks)
        for i, op in enumerate(block.ops)
        if op.do == "call" and op.on == place and op.name in _CLOSING and op.dst in awaited
    }
