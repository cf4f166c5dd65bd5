"""Results whose rows stay on the server, left before the last of them was read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.catalog.protocols import HALF_READ
from sqla_lint.flow.root import Root
from sqla_lint.flow.solve import End
from sqla_lint.ir import Arg, Const, Op
from sqla_lint.views.behind import Definitions, definitions, maker, statement_chain
from sqla_lint.views.function import Function, Operation

_HANDLES = (kinds.SESSION, kinds.SCOPED_SESSION, kinds.CONNECTION)
_STREAMING = frozenset({"stream", "stream_scalars"})
_RUNS = frozenset({"execute", "exec", "scalars"})
_OPTIONS = frozenset({"stream_results", "yield_per"})
_ENDS = frozenset({"commit", "rollback", "close"})
# Where somebody else reads on or closes a result, and where a ``with`` closes it.
_GIVING = frozenset({"pack", "return", "yield", "setattr", "setitem", "closure", "leave"})
_READERS = frozenset({"next", "anext", "iter", "enumerate", "print"})
# Whoever lent it goes on with it. What belongs to a request ends with the request.
_LENDING = frozenset({"caller", "attribute", "module"})


class HalfRead(NamedTuple):
    """A result, what runs its statement, the end of the way on which rows are left."""

    root: Root
    runner: Root
    end: End


def half_read(function: Function) -> Iterator[HalfRead]:
    """Streaming results of a transaction that goes on when the function is left."""
    if function.is_generator or function.entry in ("route", "handler", "test", "fixture"):
        return
    runners = {
        id(use.op): root
        for root in function.handles(*_HANDLES)
        if root.kind.owner in _LENDING
        for use in function.uses(root)
    }
    if not runners:
        return
    defined = definitions(function)
    for root in function.results():
        run = _run(function, defined, root)
        runner = runners.get(id(run.op)) if run is not None else None
        if run is None or runner is None or _is_ended(function, runner):
            continue
        if not _streams(defined, run) or _is_given(function, root):
            continue
        for end in function.solve(HALF_READ, (root,)).ends:
            if end.way == "return" and end.trail is not None:
                yield HalfRead(root, runner, end)
                break


def streamed(function: Function) -> tuple[Root, ...]:
    """Results whose rows are fetched while they are read."""
    defined = definitions(function)
    found = []
    for root in function.results():
        run = _run(function, defined, root)
        if run is not None and _streams(defined, run):
            found.append(root)
    return tuple(found)


def _run(function: Function, defined: Definitions, root: Root) -> Operation | None:
    """The call that runs the statement of a result."""
    made = function.op(root.position)
    found = next((o for o in function.operations() if o.op is made), None)
    if found is not None and found.op.do == "await":
        return maker(defined, found.op.on, found)
    return found


def _streams(defined: Definitions, run: Operation) -> bool:
    if run.op.name in _STREAMING:
        return True
    if run.op.name not in _RUNS:
        return False
    given = [maker(defined, arg.value, run) for arg in run.op.args]
    if any(made is not None and _says(made.op) for made in given if _is_options(made)):
        return True
    first = given[0] if given else None
    starts = (first, maker(defined, run.op.on, run))
    return any(
        call.op.name == "execution_options" and _says(call.op)
        for start in starts
        if start is not None
        for call in statement_chain(defined, start)
    )


def _is_options(made: Operation | None) -> bool:
    return made is not None and made.op.do == "pack"


def _says(op: Op) -> bool:
    """`stream_results=True`, `{"yield_per": 10}`."""
    if op.do == "pack":
        return any(_is_name(arg) for arg in op.args[::2])
    return any(arg.keyword in _OPTIONS and arg.value != Const(False) for arg in op.args)


def _is_name(arg: Arg) -> bool:
    return isinstance(arg.value, Const) and arg.value.value in _OPTIONS


def _is_ended(function: Function, runner: Root) -> bool:
    """The function ends the transaction itself somewhere."""
    return any(_ENDS & set(use.happening.events) for use in function.uses(runner))


def _is_given(function: Function, root: Root) -> bool:
    for use in function.uses(root):
        op = use.op
        called = op.do == "call" and bool(use.given) and op.on not in _READERS
        if op.do in _GIVING or called:
            return True
    return False
