"""What becomes of a mapped object that is put into a store, or taken out of it: whether something
loads it while its session is there, gives it back, or hands it to a session again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqla_lint.catalog import kinds
from sqla_lint.flow.reads import LOOKERS
from sqla_lint.flow.root import Position
from sqla_lint.flow.stores import CONTAINERS, HARMLESS, TAKING, Handling, Store
from sqla_lint.ir import Block, Op, Operand
from sqla_lint.project.infer import Typed
from sqla_lint.project.kind import FOREIGN, NAME, UNKNOWN, Kind
from sqla_lint.ways import behind

_HOLDERS = frozenset({kinds.CONTEXT_MANAGER, kinds.INSTANCE, kinds.UNKNOWN})
_ENDING = frozenset({"close", "aclose", "remove", "expunge", "expunge_all"})
_ATTACHING = frozenset({"add", "add_all"})
_HANDING = frozenset({"getitem", "move", "return"})
# What waits for others, who may take something out meanwhile.
_WAITING = frozenset({"gather", "join", "result", "shutdown", "wait", "wait_for"})
_WAITING_AT_THE_END = ("Executor()", "Pool()", "TaskGroup()", "create_task_group()")
_ELEMENTS = frozenset({"getitem", "next", "unpack", "move"})
_GIVING = TAKING | {"setdefault"}
_OWNERS = frozenset({kinds.CLASS, kinds.INSTANCE})
_SESSIONS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION})


def until_end(typed: Typed, start: Position) -> Iterator[tuple[Position, Op]]:
    """The operations that may come behind one while its session is there."""
    if not has_session(typed):
        return  # that of another function is over, or lives on
    blocks = typed.function.blocks
    waiting, seen = [(start[0], start[1] + 1)], set[int]()
    while waiting:
        number, first = waiting.pop()
        block: Block = blocks[number]
        for i in range(first, len(block.ops)):
            if _ends(block.ops[i], typed.on[number][i]):
                break
            yield (number, i), block.ops[i]
        else:
            for edge in block.edges:
                if edge.to not in seen:
                    seen.add(edge.to)
                    waiting.append((edge.to, 0))


def has_session(typed: Typed) -> bool:
    """A function works with a session, or inside of something that may hold one."""
    return any(
        on.name in _SESSIONS or (op.do == "enter" and on.name in _HOLDERS)
        for number, block in enumerate(typed.function.blocks)
        for op, on in zip(block.ops, typed.on[number], strict=True)
    )


def _ends(op: Op, on: Kind) -> bool:
    lends = on.name == kinds.CONTEXT_MANAGER and bool(on.of) and on.of[0].name in _SESSIONS
    if on.name not in _SESSIONS and not lends:
        return False
    return op.do == "leave" or (op.do == "call" and op.name in _ENDING)


def is_used_again(
    typed: Typed,
    start: Position,
    store: Store,
    handled: Handling,
    others: frozenset[Position] = frozenset(),
) -> bool:
    """While the session of what was just put into a store is there, something may take it out, or
    runs that does: then it may be loaded. ``others``: calls that put something there, too."""
    taken = {at for one, at in handled.takes if one == store}
    first = typed.function.params[0].name if typed.function.params else ""
    put = typed.function.blocks[start[0]].ops[start[1]]
    owners: set[Operand | None] = {put.on} if put.do == "call" and start in others else set()
    if typed.cells.get(first, UNKNOWN).name in _OWNERS:
        owners.add(first)
    if store.is_lent:
        return _others_run(typed, start)
    for at, op in until_end(typed, start):
        if at in taken and not _is_for_putting(typed, at, handled):
            return True
        on = typed.on[at[0]][at[1]]
        if _waits(op, on):
            return True
        if op.do != "call" or on.name in CONTAINERS or at in others:
            continue
        if on.name in _OWNERS and (op.on in owners or on.label == store.owner):
            return True
        if any(arg.value in owners for arg in op.args) or (
            op.name is None and on.name == kinds.FUNCTION
        ):
            return True
    return False


def _others_run(typed: Typed, start: Position) -> bool:
    """Anything is called, or gone on with, between an operation and the end of a session: a
    middleware hands the request on."""
    blocks = typed.function.blocks
    ends = {
        number
        for number, block in enumerate(blocks)
        if any(map(_ends, block.ops, typed.on[number]))
    }
    for at, op in until_end(typed, start):
        on = typed.on[at[0]][at[1]]
        runs = op.do in ("call", "yield") and on.name not in _SESSIONS
        if runs and on.label not in LOOKERS and ends & behind(blocks, [at[0]]):
            return True
    return False


def _waits(op: Op, on: Kind) -> bool:
    """An operation waits for tasks or threads, or for what takes everything out of a queue."""
    if op.do == "leave":
        return on.name == FOREIGN and on.label.endswith(_WAITING_AT_THE_END)
    return op.do == "call" and op.name in _WAITING and on.name in (FOREIGN, NAME, kinds.UNKNOWN)


def _is_for_putting(typed: Typed, at: Position, handled: Handling) -> bool:
    """The container is asked for only to put something into it: `self.known[key] = user`; or to
    return what is in it, as it is: `return self.known[key]`."""
    number, i = at
    block = typed.function.blocks[number]
    place = block.ops[i].dst
    for j, op in enumerate(block.ops[i + 1 :], i + 1):
        if op.on == place or any(arg.value == place for arg in op.args):
            puts = any(here == (number, j) for _, here in handled.puts)
            if op.do not in _HANDING or op.on != place or puts:
                return puts or op.do in HARMLESS
            if op.do == "return":
                return True
            place = op.dst
    return False


def gives_back(typed: Typed, store: Store, handled: Handling) -> bool:
    """A function returns something that it has taken out of a store."""
    blocks = typed.function.blocks
    known = {blocks[number].ops[i].dst for one, (number, i) in handled.takes if one == store}
    known |= {blocks[number].ops[i].dst for one, (number, i) in handled.puts if one == store}
    known -= {None}
    for _ in range(2):  # a loop binds after the first use
        for block in blocks:
            for op in block.ops:
                passes = op.do in _ELEMENTS or (op.do == "call" and op.name in _GIVING)
                given = op.do in ("ifelse", "boolop") and any(a.value in known for a in op.args)
                if op.dst is not None and ((op.on in known and passes) or given):
                    known.add(op.dst)
    return any(op.do == "return" and op.on in known for block in blocks for op in block.ops)


def attaches(typed: Typed, seeds: Iterable[Position], name: str) -> bool:
    """A function hands to a session what it has from these operations, or sets an attribute of it:
    then it is no longer as it was put away."""
    blocks = typed.function.blocks
    known = {blocks[number].ops[i].dst for number, i in seeds} - {None}
    for _ in range(2):  # a loop binds after the first use
        for number, block in enumerate(blocks):
            for i, op in enumerate(block.ops):
                given = any(arg.value in known for arg in op.args)
                if op.on in known and op.do == "setattr" and op.name == name:
                    return True
                sessions = typed.on[number][i].name in _SESSIONS
                if op.do == "call" and op.name in _ATTACHING and sessions and given:
                    return True
                passes = op.do in _ELEMENTS or (op.do == "call" and op.name in TAKING)
                if op.dst is not None and (
                    (op.on in known and passes) or (given and op.do in ("pack", "ifelse", "boolop"))
                ):
                    known.add(op.dst)
    return False
