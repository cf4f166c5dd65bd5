"""Relationships that are loaded one by one, for each object of a loop."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import attribute_protocols as protocols
from sqla_lint.catalog.protocols import Protocol
from sqla_lint.finding import Confidence
from sqla_lint.flow.attributes import Mapped
from sqla_lint.flow.keeping import is_of_many
from sqla_lint.flow.origins import Origin
from sqla_lint.flow.reach import Reach, leads_back
from sqla_lint.flow.reads import ASKED
from sqla_lint.flow.root import NOWHERE
from sqla_lint.flow.solve import Trail, solve
from sqla_lint.ir import Const, Op
from sqla_lint.project.kind import class_name
from sqla_lint.views.compared import is_compared
from sqla_lint.views.entities import (
    BARE,
    FRESH,
    Reader,
    accesses,
    expiring,
    is_left_out,
    reader,
)
from sqla_lint.views.few import gives_few, takes_few
from sqla_lint.views.function import Function
from sqla_lint.views.mates import are_few, may_be_found, may_be_heir
from sqla_lint.views.witnessed import source_of

_BY_TURN = (protocols.LAZY_READ, protocols.LAZY_READ_OF_HEIR, protocols.AWAITED_READ)
# Of a function that calls itself for what is behind a relationship, the second round tells of all.
TOLD_ROUNDS = 2
# Operations behind one value that are looked at.
VALUE_LIMIT = 8
# What is the same thing when it is done with the same thing.
_PARTS = frozenset({"await", "getattr", "getitem", "move", "unpack"})
# Parts of parts of what a loop gives: a pair in a row is two.
PARTS_LIMIT = 4


class LoopRead(NamedTuple):
    """A read that runs a statement in each turn of a loop."""

    op: Op
    reach: Reach
    origin: Origin
    trail: Trail | None
    expired: bool = False  # by a commit: the object is loaded again
    served: str = ""  # what reads it of what a route or a resolver returns
    few: bool = False  # the program says that there are few objects, or has them most often

    @property
    def attribute(self) -> Mapped:
        """What is loaded."""
        return self.reach.last

    @property
    def model(self) -> str:
        """The name of the class whose attribute it is."""
        return class_name(self.reach.owner)


def lazy_loads_in_loops(function: Function) -> Iterator[LoopRead]:
    """Attributes that a loop loads object by object: one for each origin and attribute; of what a
    commit has expired, the first that is read. A read that raises loads nothing."""
    for read in _loads(function):
        told = [one.op for one in accesses(function)]
        if all(op is not read.op for op in told):
            yield read


def _loads(function: Function) -> Iterator[LoopRead]:
    entities = reader(function)
    every = [o for o in entities.origins(function) if o.how in _FROM_ELSEWHERE]
    origins = [o for o in every if not o.is_async]
    awaited = [o for o in every if o.is_async]
    asked = entities.names(function, tuple(awaited)) if awaited else set[str]()
    if any(name.rpartition(".")[2] == ASKED for name in asked):
        for origin in awaited:
            for reach in entities.reaches(origin, asked):
                read = _unloaded(function, entities, origin, reach, protocols.AWAITED_READ)
                if read is not None:
                    yield read
    if not origins:
        return
    for op, reach, origin, by in entities.served_loads(function):
        if _are_handed(function, origin) and not are_few(function, origin, reach):
            few = _says_few(function, origin, reach, op, whole=True)
            yield LoopRead(op, reach, origin, None, served=by, few=few)
    names = entities.names(function, tuple(origins))
    for origin in origins:
        expired: list[LoopRead] = []
        again: list[LoopRead] = []
        for reach in entities.reaches(origin, names):
            read = _unloaded(function, entities, origin, reach, protocols.LAZY_READ)
            if read is not None:
                yield read
            elif reach.is_direct and reach.last.role == "column":
                expired += _expired(function, entities, origin, reach, protocols.EXPIRED_READ)
                again += _expired(function, entities, origin, reach, protocols.EXPIRED_IN_TURN)
        first = sorted(expired, key=lambda read: read.op.at)[:1]
        yield from first
        turns = [read for read in again if _is_of_turn_before(function, read)]
        for read in sorted(turns, key=lambda read: read.op.at)[:1] if first else ():
            if read.op.at < first[0].op.at:
                yield read


def _unloaded(
    function: Function, entities: Reader, origin: Origin, reach: Reach, protocol: Protocol
) -> LoopRead | None:
    left_out = is_left_out(origin, reach)
    lazy = reach.last.load == "lazy" or left_out
    if not lazy or reach.goes_back or may_be_found(function, reach.last):
        return None
    if reach.rounds > TOLD_ROUNDS or (reach.heir and may_be_heir(function, reach)):
        return None
    before = origin.before
    if before is not None and leads_back(before.model, before.step, reach.steps[0]):
        return None
    if not _is_of_many(function, origin) and not reach.through_many:
        return None
    if entities.start(origin, reach) not in BARE or are_few(function, origin, reach):
        return None
    if (reach.heir or left_out) and protocol is protocols.LAZY_READ:
        protocol = protocols.LAZY_READ_OF_HEIR
    return next(_reads(function, entities, origin, reach, protocol), None)


def _is_of_turn_before(function: Function, read: LoopRead) -> bool:
    """A commit in the loop, behind the read, expires what the next turn reads."""
    trail = read.trail
    while trail is not None and trail.what != "expire":
        trail = trail.before
    if trail is None or trail.op.at < read.op.at:
        return False
    blocks = function.typed.function.blocks
    there, here = (
        next(block.loops for block in blocks if any(one is op for one in block.ops))
        for op in (trail.op, read.op)
    )
    return bool(set(there) & set(here))


def _expired(
    function: Function, entities: Reader, origin: Origin, reach: Reach, protocol: Protocol
) -> Iterator[LoopRead]:
    session = origin.session
    if session is None or "expires" not in session.kind.traits:
        return
    if not entities.may_expire(function, origin):
        return
    if _is_of_many(function, origin) and entities.start(origin, reach) in FRESH:
        for read in _reads(function, entities, origin, reach, protocol):
            if expiring(read.trail) == "commit":  # `expire()` is there to load again
                yield read._replace(expired=True)


def _reads(
    function: Function, entities: Reader, origin: Origin, reach: Reach, protocol: Protocol
) -> Iterator[LoopRead]:
    """Reads in a loop that load, first first."""
    effects = entities.effects_of(function, origin, reach)
    effects.by_turn = protocol in _BY_TURN
    ends = solve(function.typed, protocol, (origin.root,), effects, Confidence.PLAIN).ends
    trails = [e.trail for e in ends if e.trail is not None and e.way == "fault"]
    for trail in sorted(trails, key=lambda trail: trail.op.at):
        whole = id(trail.op) in effects.gone_through
        if whole or _is_in_loop(function, origin, trail.op):
            few = _says_few(function, origin, reach, trail.op, whole=whole)
            few = few or is_compared(function, reach.last, trail.op)
            yield LoopRead(trail.op, reach, origin, trail, few=few)


def _says_few(function: Function, origin: Origin, reach: Reach, read: Op, *, whole: bool) -> bool:
    """The program says itself that there are few objects. What a relationship leads to in between
    it says only where the loops over that are seen; ``whole``: something else goes through it."""
    if reach.through_many:
        return not whole and takes_few(function, read)
    source = source_of(function, origin) if origin.how == "called" else None
    if source is not None and gives_few(source.function, source.origin):
        return True
    return gives_few(function, origin) or takes_few(function, read)


_FROM_ELSEWHERE = frozenset({"loaded", "called"})


def _is_of_many(function: Function, origin: Origin) -> bool:
    if origin.root.position == NOWHERE:
        return False
    return (
        is_of_many(origin.root.role) or _is_next(function, origin) or _is_gathered(function, origin)
    )


def _is_gathered(function: Function, origin: Origin) -> bool:
    """Each turn of a loop puts one into a container."""
    number = origin.root.position[0]
    loops = function.typed.function.blocks[number].loops
    puts = function.effects.shape(function.typed).puts
    return bool(loops) and any(
        id(op) in puts and loops[-1] in block.loops
        for block in function.typed.function.blocks
        for op in block.ops
    )


def _are_handed(function: Function, origin: Origin) -> bool:
    """Where one is handed on, others are, too: a loop, or a comprehension, has put them all into a
    container."""
    if is_of_many(origin.root.role) or _is_gathered(function, origin):
        return True
    if origin.root.position == NOWHERE:
        return False
    blocks = function.typed.function.blocks
    loops = blocks[origin.root.position[0]].loops
    made = {op.dst for block in blocks if loops and loops[-1] in block.loops for op in block.ops}
    return any(
        op.do == "pack" and op.name in _COMPREHENSIONS and any(a.value in made for a in op.args)
        for block in blocks
        if loops and loops[-1] not in block.loops
        for op in block.ops
    )


_COMPREHENSIONS = frozenset({"listcomp", "setcomp", "dictcomp"})


def _is_next(function: Function, origin: Origin) -> bool:
    """It is what a turn of a loop gets, or a part of that: `for user, count in rows`."""
    op = function.op(origin.root.position)
    for _ in range(PARTS_LIMIT):
        if op.do not in ("unpack", "getitem", "getattr"):
            break
        made = [o.op for o in function.operations() if o.op.dst == op.on]
        if len(made) != 1:
            return False
        op = made[0]
    return op.do == "next"


def _is_in_loop(function: Function, origin: Origin, read: Op) -> bool:
    """The read happens once for each object of the origin: in a loop over them, or over a container
    into which a loop over them has put them."""
    blocks = function.typed.function.blocks
    number = next(n for n, block in enumerate(blocks) if any(op is read for op in block.ops))
    loops, outer = blocks[number].loops, blocks[origin.root.position[0]].loops
    common = sum(1 for a, b in zip(outer, loops, strict=False) if a == b)
    candidates = loops[common:]
    is_next = _is_next(function, origin)
    if common < len(outer) and not is_next and not _is_gathered(function, origin):
        return False
    if common == len(outer) and outer and is_next:
        candidates = (outer[-1], *candidates)
    return any(
        _varies(function, read, loop, VALUE_LIMIT)
        and _comes_again(function, number, loop)
        and not _is_of_first(function, number, loop)
        for loop in candidates
    )


def _is_of_first(function: Function, start: int, loop: int) -> bool:
    """The block belongs to what `next()` gets of a generator expression, which is asked for one:
    nothing behind it decides that another element is looked at."""
    blocks = function.typed.function.blocks
    headers = [
        (number, edge.to)
        for number, block in enumerate(blocks)
        for edge in block.edges
        if edge.when == "done" and block.loops[-1:] == (loop,)
    ]
    if len(headers) != 1:
        return False
    header, after = headers[0]
    made = blocks[after].ops[0] if blocks[after].ops else None
    if made is None or made.do != "pack" or made.name != "gen":
        return False
    users = [o for o in function.operations() if any(a.value == made.dst for a in o.op.args)]
    if len(users) != 1 or users[0].on.label != "builtins.next":
        return False
    while start != header:
        if len(blocks[start].edges) != 1:
            return False
        start = blocks[start].edges[0].to
    return True


def _varies(function: Function, op: Op, loop: int, limit: int) -> bool:
    """Something that an operation is about is another thing in each turn of a loop."""
    blocks = function.typed.function.blocks
    for operand in (op.on, *(arg.value for arg in op.args)):
        name = operand.partition(".")[0] if isinstance(operand, str) else ""
        for block in blocks if name else ():
            for made in block.ops if loop in block.loops else ():
                if made.dst != name or made is op or not limit:
                    continue
                fixed = made.do in _PARTS and all(isinstance(a.value, Const) for a in made.args)
                if not fixed or _varies(function, made, loop, limit - 1):
                    return True
    return False


def _comes_again(function: Function, start: int, loop: int) -> bool:
    """After this block the loop may take another turn."""
    blocks = function.typed.function.blocks
    seen: set[int] = set()
    waiting = [edge.to for edge in blocks[start].edges]
    while waiting:
        number = waiting.pop()
        if number in seen or loop not in blocks[number].loops:
            continue
        if any(op.do == "next" for op in blocks[number].ops) and blocks[number].loops[-1] == loop:
            return True
        seen.add(number)
        waiting += [edge.to for edge in blocks[number].edges]
    return False
