"""Objects that an ExitStack of the function closes."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.catalog import kinds
from sqla_lint.flow.root import SELF, Position, Root
from sqla_lint.ir import Op, Place
from sqla_lint.project.kind import FOREIGN, NAME
from sqla_lint.views.function import Function

_STACKS = frozenset({"contextlib.ExitStack()", "contextlib.AsyncExitStack()"})
_ENTERING = frozenset({"enter_context", "enter_async_context"})
_PUSHING = frozenset({"push", "push_async_exit"})
_CALLING = frozenset({"callback", "push_async_callback"})
_CLOSING = frozenset({"close", "aclose"})
# What is done on a stack without handing it, or what it holds, to somebody else.
_OWN = _ENTERING | {"push", "callback", "push_async_exit", "push_async_callback", "close", "aclose"}


def stacked(function: Function, *names: str) -> tuple[Root, ...]:
    """Objects that the function makes, or that a context manager of the project only lends, and
    that an ExitStack of its own closes: one that a `with` enters, and that goes nowhere else."""
    if function.typed.present.isdisjoint(names):
        return ()
    return tuple(_stacked(function, names))


def _stacked(function: Function, names: tuple[str, ...]) -> Iterator[Root]:
    stacks = {
        op.dst
        for number, i, op in function.positions
        if op.do == "enter" and op.dst is not None and _is_stack(function, number, i)
    }
    stacks = {place for place in stacks if _stays(function, place)}
    for number, i, op in function.call_positions if stacks else ():
        if op.on not in stacks:
            continue
        if op.name in _PUSHING or op.name in _CALLING:
            root = _pushed(function, (number, i), names)
            if root is not None:
                yield root
        if op.name not in _ENTERING or not function.typed.args[number][i]:
            continue
        kind, given = function.typed.args[number][i][0], op.args[0].value
        where = _awaited(function, op) if op.name == "enter_async_context" else (number, i)
        if where is None:
            continue
        also = ((given, SELF),) if isinstance(given, str) and given[0] != "%" else ()
        lent = function.typed.dst[where[0]][where[1]]
        if kind.name == kinds.CONTEXT_MANAGER and lent.name in names and function.only_lent(lent):
            yield Root(lent, where)
        elif kind.name in names and kind.owner == "local" and "begin" not in kind.traits:
            yield Root(kind, where, also=also)


def _pushed(function: Function, where: Position, names: tuple[str, ...]) -> Root | None:
    """What the function has made already, and tells its stack to close."""
    op, kinds_given = function.op(where), function.typed.args[where[0]][where[1]]
    if not op.args or not kinds_given:
        return None
    given, kind = op.args[0].value, kinds_given[0]
    if op.name in _CALLING:
        taken = [
            (one, function.typed.on[n][i])
            for n, i, one in function.positions
            if one.do == "getattr" and one.dst == given and one.name in _CLOSING
        ]
        if len(taken) != 1 or len(op.args) != 1:
            return None
        given, kind = taken[0][0].on or "", taken[0][1]
    if not isinstance(given, str) or given[:1] in ("%", ""):
        return None
    if kind.name not in names or kind.owner != "local" or "begin" in kind.traits:
        return None
    return Root(kind, where, also=((given, SELF),))


def _is_stack(function: Function, number: int, i: int) -> bool:
    made = function.typed.dst[number][i]
    return made.name in (NAME, FOREIGN) and made.label in _STACKS


def _stays(function: Function, stack: Place) -> bool:
    for _, _, op in function.positions:
        handed = any(arg.value == stack for arg in op.args) or op.do in ("move", "return", "yield")
        if (handed and stack in (op.on, *(arg.value for arg in op.args))) or (
            op.on == stack and op.do == "call" and op.name not in _OWN
        ):
            return False
    return True


def _awaited(function: Function, call: Op) -> tuple[int, int] | None:
    waits = ((n, i) for n, i, op in function.positions if op.do == "await" and op.on == call.dst)
    return next(waits, None)
