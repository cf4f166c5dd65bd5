"""What threads load of objects of one session: each of them uses it at the same time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import attribute_protocols as protocols
from sqla_lint.finding import Confidence
from sqla_lint.flow.keeping import is_of_many
from sqla_lint.flow.origins import Origin
from sqla_lint.flow.reach import Reach
from sqla_lint.flow.solve import Trail, solve
from sqla_lint.ir import Const, Op
from sqla_lint.project import workers
from sqla_lint.project.kind import FOREIGN, NAME, class_name, dotted_label
from sqla_lint.views.beside import Work, coroutines, is_locked, started
from sqla_lint.views.entities import BARE, Reader, accesses, reader
from sqla_lint.views.function import Function
from sqla_lint.views.mates import may_be_found, may_be_heir
from sqla_lint.views.once import per_function

_FROM_ELSEWHERE = frozenset({"loaded", "called"})
_BESIDE = frozenset({"thread", "awaited thread"})
# What waits for a thread, or for what it gives.
_WAITING = frozenset({"join", "result", "wait", "get"})
_POOLS = ("ThreadPoolExecutor", "ThreadPool", "Pool")
_SIZES = frozenset({"max_workers", "processes"})


class ThreadLoad(NamedTuple):
    """Work that is started here in several threads loads an attribute of what each is given."""

    op: Op
    reach: Reach
    origin: Origin
    trail: Trail | None

    @property
    def model(self) -> str:
        """The name of the class whose attribute it is."""
        return class_name(self.reach.owner)


@per_function
def loaded_by_threads(function: Function) -> tuple[ThreadLoad, ...]:
    """Attributes that several threads load at the same time, one for each start of such work."""
    return tuple(_loaded(function))


def _loaded(function: Function) -> Iterator[ThreadLoad]:
    several = _several(function)
    if not several:
        return
    entities = reader(function)
    origins = [o for o in entities.origins(function) if o.how in _FROM_ELSEWHERE and not o.is_async]
    names = entities.names(function, tuple(origins)) if origins else set[str]()
    told = {id(access.op) for access in accesses(function)} if origins else set[int]()
    for origin in origins:
        for reach in entities.reaches(origin, names):
            for trail in _loads(function, entities, origin, reach):
                loops = several.get(id(trail.op))
                if loops is None or id(trail.op) in told:
                    continue
                if loops and not _is_of_others(function, origin, loops):
                    continue
                told.add(id(trail.op))
                yield ThreadLoad(trail.op, reach, origin, trail)


def _loads(function: Function, entities: Reader, origin: Origin, reach: Reach) -> Iterator[Trail]:
    if reach.last.load != "lazy" or not reach.is_direct or may_be_found(function, reach.last):
        return
    if reach.heir and may_be_heir(function, reach):
        return
    if entities.start(origin, reach) not in BARE:
        return
    effects = entities.effects_of(function, origin, reach)
    protocol = protocols.LOADED_BY_WORK
    for end in solve(function.typed, protocol, (origin.root,), effects, Confidence.PLAIN).ends:
        if end.way == "fault" and end.trail is not None:
            yield end.trail


def _several(function: Function) -> dict[int, tuple[int, ...]]:
    """The operations that start the same work in several threads at once, or that make what these
    run, with the loops in which they do so: none where one call starts them all."""
    found: dict[int, tuple[int, ...]] = {}
    for work in (*started(function), *_gathered(function)):
        loops = work.loops
        if work.where not in _BESIDE or is_locked(function, work.function.label):
            continue
        if work.many:
            loops = ()
        elif not loops or _is_waited_for(function, work):
            continue
        if not _is_alone(function, work):
            found[id(work.op)] = loops
            found |= dict.fromkeys(_makers(function, work), loops)
    return found


def _gathered(function: Function) -> Iterator[Work]:
    """`gather(*(to_thread(count, user) for user in users))`."""
    for number, i, op in function.call_positions:
        on = function.typed.on[number][i]
        label = dotted_label(on, op.name) if on.name in (NAME, FOREIGN) else ""
        if workers.plain(label) in workers.TOGETHER:
            yield from coroutines(function, [a.value for a in op.args if not a.keyword])


def _makers(function: Function, work: Work) -> Iterator[int]:
    """What makes the function that it runs: `partial(count, user)`, `lambda: count(user)`."""
    for arg in work.op.args:
        made = function.maker(arg.value)
        if made is not None and made.op.do in ("closure", "call"):
            yield id(made.op)


def _is_waited_for(function: Function, work: Work) -> bool:
    """The loop that starts it waits for it before the next turn."""
    if work.where == "awaited thread":
        return any(
            op.do == "await" and op.on == work.op.dst
            for block in function.typed.function.blocks
            for op in block.ops
        )
    return any(
        op.do == "call" and op.name in _WAITING
        for block in function.typed.function.blocks
        if work.loops[-1] in block.loops
        for op in block.ops
    )


def _is_alone(function: Function, work: Work) -> bool:
    """The pool is made of one thread."""
    if not work.op.name or work.op.on is None:
        return False
    for block in function.typed.function.blocks:
        for op in block.ops:
            if op.do != "call" or str(op.name or op.on).rpartition(".")[2] not in _POOLS:
                continue
            sizes = [a.value for a in op.args if a.keyword is None or a.keyword in _SIZES]
            if sizes and isinstance(sizes[0], Const) and sizes[0].value == 1:
                return True
    return False


def _is_of_others(function: Function, origin: Origin, loops: tuple[int, ...]) -> bool:
    """In each turn of the loop it is another object of the session, or the same one."""
    blocks = function.typed.function.blocks
    number, i = origin.root.position
    around = blocks[number].loops
    if not set(loops) <= set(around):
        return True
    return blocks[number].ops[i].do == "next" and not is_of_many(origin.root.role)
