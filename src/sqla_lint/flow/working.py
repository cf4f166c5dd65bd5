"""What work that a call starts reads of an object it is given: in threads, pools, later tasks.

pool.map(render, users)
pool.submit(render, user)
threading.Thread(target=render, args=(user,)).start()
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.flow.reads import Reads, Summaries
from sqla_lint.ir import Arg, Op, Place
from sqla_lint.project import workers
from sqla_lint.project.callers import parameters_of
from sqla_lint.project.kind import FOREIGN, FUNCTIONS, NAME, Kind, dotted_label

_PACKED = frozenset({kinds.TUPLE, kinds.LIST})


When = Literal["now", "later", "after", "streamed", "copied"]


class Work(NamedTuple):
    """``when``: "now", when the caller waits for it; or "later"; or "after" the function, which is
    over when it begins; or "streamed", when the request is over; or "copied": whenever it runs, it
    gets a pickled copy, which has no session."""

    reads: Reads
    when: When


def read_by_work(
    summaries: Summaries, op: Op, on: Kind, args: tuple[Kind, ...], place: Place, model: str
) -> Work | None:
    """What the work that a call starts reads of what a place holds; None when it starts none, or
    not with that."""
    start = _start(op, on)
    if start is None or start.where == "queue" or len(args) != len(op.args):
        return None
    run, position = _run(op, args, start)
    if run is None:
        return None
    named = {
        number: param.name for number, param in parameters_of(summaries.project.knowledge, run)
    }
    found = [
        name for arg, name in _handed(op, args, start, position, named, model) if arg.value == place
    ]
    if len(found) != 1:
        return None
    return Work(summaries.of(run.label, found[0], model), when(op, args, start))


def when(op: Op, args: tuple[Kind, ...], start: workers.Start) -> When:
    """When the work begins that a call starts. A `Process` that is forked has the object itself; a
    pool is sent what it works on."""
    if start.where == "process" and start.keyword != "target":
        return "copied"
    if start.where == "background":
        return "after"
    if start.where != "awaited thread":
        return "later"
    by_processes = start.callable == 1 and workers.is_of_processes(args[0].label)
    return "copied" if by_processes and op.args[0].keyword is None else "now"


def _start(op: Op, on: Kind) -> workers.Start | None:
    if op.do != "call" or on.name not in (NAME, FOREIGN):
        return None
    return workers.start(dotted_label(on, op.name))


def _run(op: Op, args: tuple[Kind, ...], start: workers.Start) -> tuple[Kind | None, int]:
    """The function that is run, and where the arguments by position begin behind it."""
    for number, (arg, kind) in enumerate(zip(op.args, args, strict=True)):
        by_name = arg.keyword is not None and arg.keyword == start.keyword
        if by_name or (number == start.callable and arg.keyword is None):
            known = kind.name in FUNCTIONS and "partial" not in kind.traits
            return (kind if known else None), 0 if by_name else number + 1
    return None, 0


def _handed(
    op: Op,
    args: tuple[Kind, ...],
    start: workers.Start,
    first: int,
    named: dict[int, str],
    model: str,
) -> Iterator[tuple[Arg, str]]:
    """The arguments with the parameters of the function that they, or what is in them, are for."""
    if start.given == "packed":
        yield from _packed(op, args, start, named, model)
        return
    if start.given not in ("rest", "mapped") or op.name == "starmap":
        return
    position = 0
    for arg in op.args[first:]:
        if arg.star:
            return
        if arg.keyword is None:
            if position in named:
                yield arg, named[position]
            position += 1
        elif start.given == "rest" and arg.keyword in named.values():
            yield arg, arg.keyword


def _packed(
    op: Op, args: tuple[Kind, ...], start: workers.Start, named: dict[int, str], model: str
) -> Iterator[tuple[Arg, str]]:
    """``args=(user, 1)``: the one place of the tuple that is such an object."""
    for number, (arg, kind) in enumerate(zip(op.args, args, strict=True)):
        if arg.keyword != start.packed[0] and not (arg.keyword is None and number == start.at):
            continue
        one = [n for n, of in enumerate(kind.of) if of.name == kinds.ENTITY and of.label == model]
        if kind.name in _PACKED and len(one) == 1 and one[0] in named:
            yield arg, named[one[0]]
