"""What asyncio gives back of coroutines that are run as tasks, or together; and what comes back of
functions that are run in threads."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from sqla_lint.catalog import kinds
from sqla_lint.project.kind import FOREIGN, NAME, UNKNOWN, Kind, join
from sqla_lint.project.workers import WRAPPERS, plain, start

_GATHER = "asyncio.gather"
_MANY = frozenset({kinds.COLLECTION, kinds.GENERATOR, kinds.LIST, kinds.SET, kinds.TUPLE})
_WAIT = "asyncio.wait"
_ASKING = "result"
_SUBMIT = ".submit"
_THREADS = frozenset({"awaited thread", "thread"})
_WRAPPED = frozenset({"asgiref.sync.sync_to_async"})  # gives a function


def begun(label: str, args: Sequence[tuple[Kind, int]], words: dict[str, Kind]) -> Kind | None:
    """A task, or what `gather()` gives to await; ``args`` are the positional arguments, each with
    its stars. What it comes to is in the kind."""
    if plain(label) == _GATHER:
        result = _together(args) if "return_exceptions" not in words else UNKNOWN
    elif _runs_one(label):
        given = [kind for kind, star in args if not star] or [words.get("coro", UNKNOWN)]
        result = _result(given[0])
    else:
        return None
    return Kind(FOREIGN, label=f"{label}()", of=(result,)) if result.known else None


def in_thread(label: str) -> int | None:
    """The position of the function that a call runs in a thread and gives the result of, awaited
    or asked for; None for all other calls."""
    how = start(label)
    if how is None or how.given != "rest" or plain(label) in _WRAPPED:
        return None
    waits = how.where == "awaited thread" or label.endswith(_SUBMIT)
    return how.callable if waits and how.where in _THREADS else None


def begun_in_thread(label: str, result: Kind) -> Kind | None:
    """What stands for the result of a function until it is there."""
    return Kind(FOREIGN, label=f"{label}()", of=(result,)) if result.known else None


def waited_for(label: str, tasks: Kind) -> Kind | None:
    """What `asyncio.wait()` gives to await: those that are done, and all others."""
    if plain(label) != _WAIT or tasks.name not in _MANY or len(tasks.of) != 1:
        return None
    some = Kind(kinds.SET, of=tasks.of)
    return Kind(kinds.COROUTINE, True, (Kind(kinds.TUPLE, of=(some, some)),))


def _runs_one(label: str) -> bool:
    how = start(label)
    return plain(label) in WRAPPERS or (
        how is not None and how.where == "task" and how.given == "coroutine"
    )


def _together(args: Sequence[tuple[Kind, int]]) -> Kind:
    if any(star for _, star in args):
        of = [one for kind, _ in args if kind.name in _MANY for one in kind.of]
        starred = len(args) == 1 and bool(of)
        result = _result(reduce(join, of)) if starred else UNKNOWN
        return Kind(kinds.LIST, of=(result,)) if result.known else UNKNOWN
    results = tuple(_result(kind) for kind, _ in args)
    return Kind(kinds.TUPLE, of=results) if any(one.known for one in results) else UNKNOWN


def _result(kind: Kind) -> Kind:
    if kind.name == kinds.COROUTINE and kind.of:
        return kind.of[0]
    return awaited(kind) or UNKNOWN


def is_task(kind: Kind) -> bool:
    """A task, or something else of asyncio to await, whose result is known."""
    if kind.name not in (NAME, FOREIGN) or not kind.of or not kind.label.endswith("()"):
        return False
    label = kind.label[: -len("()")]
    return plain(label) == _GATHER or _runs_one(label) or in_thread(label) is not None


def awaited(kind: Kind) -> Kind | None:
    """What awaiting a task gives; None for anything else."""
    return kind.of[0] if is_task(kind) else None


def asked(kind: Kind, method: str | None) -> Kind | None:
    """What a method of a task gives: `task.result()`."""
    return awaited(kind) if method == _ASKING else None
