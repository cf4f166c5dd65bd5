"""Calls of libraries that call a function of ours with the other arguments.

``asyncio.to_thread(work, session)``, ``pool.submit(work, session)``, ``partial(work, session)``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from sqla_lint.catalog import kinds
from sqla_lint.ir import Arg, Op, Param
from sqla_lint.project.kind import FUNCTIONS, Kind, dotted_label, entries
from sqla_lint.project.passed import Key
from sqla_lint.project.workers import is_worker_object

# name → the position of the function
_FUNCTIONS = {
    "anyio.to_thread.run_sync": 0,
    "asgiref.sync.sync_to_async": 0,
    "asyncio.to_thread": 0,
    "fastapi.concurrency.run_in_threadpool": 0,
    "functools.partial": 0,
    "starlette.concurrency.run_in_threadpool": 0,
}
_METHODS = {"run_in_executor": 1, "submit": 0}

Parameters = Callable[[Kind], Iterable[tuple[int, Param]]]


def handed_over(
    op: Op, on: Kind, args: tuple[Kind, ...], parameters: Parameters
) -> Iterator[tuple[Key, Arg, Kind]]:
    """Parameters of functions of the project with the argument that they get."""
    if dotted_label(on, op.name) in _RUNNERS:
        yield from _packed(op, args, parameters)
        return
    at = _position(op, on)
    if at is None or len(args) <= at or args[at].name not in FUNCTIONS:
        return
    function = args[at]
    by_position = dict(parameters(function))
    names = {param.name for param in by_position.values()}
    position = 0
    for arg, kind in list(zip(op.args, args, strict=True))[at + 1 :]:
        if arg.star:
            return
        if arg.keyword is None:
            if position in by_position:
                yield (function.label, by_position[position].name), arg, kind
            position += 1
        elif arg.keyword in names:
            yield (function.label, arg.keyword), arg, kind


def _packed(
    op: Op, args: tuple[Kind, ...], parameters: Parameters
) -> Iterator[tuple[Key, Arg, Kind]]:
    """``Thread(target=work, args=(session,), kwargs={"name": name})``."""
    words = {arg.keyword: (arg, kind) for arg, kind in zip(op.args, args, strict=True)}
    _, function = words.get("target", (None, None))
    if function is None or function.name not in FUNCTIONS:
        return
    named = {position: param.name for position, param in parameters(function)}
    if "args" in words:
        arg, given = words["args"]
        for position, kind in enumerate(given.of if given.name in _DISPLAYED else ()):
            if position in named:
                yield (function.label, named[position]), arg, kind
    if "kwargs" in words:
        arg, given = words["kwargs"]
        for name, kind in entries(given).items() if given.name == kinds.DICT else ():
            if name in named.values():
                yield (function.label, name), arg, kind


# What runs a function with arguments that stand in a tuple.
_RUNNERS = frozenset({"multiprocessing.Process", "threading.Thread"})
_DISPLAYED = frozenset({kinds.LIST, kinds.TUPLE})


def _position(op: Op, on: Kind) -> int | None:
    if op.name is None:
        return _FUNCTIONS.get(on.label)
    if op.name == "submit" and not is_worker_object(on.label):
        return None
    at = _FUNCTIONS.get(f"{on.label}.{op.name}")
    return _METHODS.get(op.name) if at is None else at
