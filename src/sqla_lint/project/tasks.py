"""What asyncio gives back of coroutines that are run as tasks, or together."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from sqla_lint.catalog import kinds
from sqla_lint.project.kind import FOREIGN, NAME, UNKNOWN, Kind, join
from sqla_lint.project.workers import WRAPPERS, plain, start

_GATHER = "asyncio.gather"
_MANY = frozenset({kinds.COLLECTION, kinds.GENERATOR, kinds.LIST, kinds.SET, kinds.TUPLE})
_ASKING = "result"


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
    return plain(label) == _GATHER or _runs_one(label)


def awaited(kind: Kind) -> Kind | None:
    """What awaiting a task gives; None for anything else."""
    return kind.of[0] if is_task(kind) else None


def asked(kind: Kind, method: str | None) -> Kind | None:
    """What a method of a task gives: `task.result()`."""
    return awaited(kind) if method == _ASKING else None
