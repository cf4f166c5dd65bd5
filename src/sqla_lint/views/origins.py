"""The session that an entity was loaded from or added to, and whether it is still open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Op, Operand, Place
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.kind import Kind
from sqla_lint.views.beside import ENDING, Position, makers, original
from sqla_lint.views.filled import fills
from sqla_lint.views.function import Call, Function

# A chain of calls from a session to its entity is no longer than this.
STEPS = 8

_SESSIONS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION})
_TAKING = frozenset({"add", "delete"})
# What a session does with an object that it must have, or must not have another of.
_ASKED = frozenset({"add", "delete", "refresh"})
_LETTING_GO = ENDING | {"expunge", "expunge_all", "rollback", "reset", "invalidate"}


class Origin(NamedTuple):
    """The session of an entity, and the operation since when."""

    session: Place
    kind: Kind
    position: Position


def origin(function: Function, entity: Place, before: Position) -> Origin | None:
    """The one session that an entity was loaded from, or that it was added to before an operation;
    None when there is none or it cannot be told."""
    found = list(_loaded(function, entity)) or [
        one for one in _added(function, entity) if one.position < before
    ]
    sessions = {one.session for one in found}
    return found[0] if len(sessions) == 1 else None


def _loaded(function: Function, entity: Place) -> Iterator[Origin]:
    made = list(makers(function, entity))
    if len(made) != 1:
        return
    number, i, op, _ = made[0]
    for _ in range(STEPS):
        on = function.typed.on[number][i]
        if op.do == "call" and on.name in _SESSIONS and isinstance(op.on, str):
            if op.name != "merge" and op.on[0] != "%":
                yield Origin(original(function, op.on), on, (number, i))
            return
        if op.do not in ("call", "await", "next", "getitem", "unpack") or op.on is None:
            return
        before = list(makers(function, op.on))
        if len(before) != 1:
            return
        number, i, op, _ = before[0]


def _added(function: Function, entity: Place) -> Iterator[Origin]:
    typed = function.typed
    for number, block in enumerate(typed.function.blocks):
        for i, op in enumerate(block.ops):
            on = typed.on[number][i]
            if op.do != "call" or op.name != "add" or on.name not in _SESSIONS:
                continue
            given = any(arg.value == entity for arg in op.args)
            if given and isinstance(op.on, str) and op.on[0] != "%":
                yield Origin(original(function, op.on), on, (number, i))


def still_open(function: Function, since: Origin, then: Position) -> bool:
    """Some way leads from one operation to another on which the session keeps the entity, and every
    way to where it is let go comes later."""
    blocks = function.typed.function.blocks
    seen: set[int] = set()
    first, start = since.position
    waiting = [(first, start + 1)]
    while waiting:
        number, begin = waiting.pop()
        stopped = False
        for i in range(begin, len(blocks[number].ops)):
            if (number, i) == then:
                return True
            if _lets_go(function, blocks[number].ops[i], since.session):
                stopped = True
                break
        if stopped:
            continue
        for edge in blocks[number].edges:
            if edge.to not in seen:
                seen.add(edge.to)
                waiting.append((edge.to, 0))
    return False


def _lets_go(function: Function, op: Op, session: Place) -> bool:
    if op.do == "leave":
        return (
            any(
                other.do == "enter" and other.on == op.on and session in (other.dst, other.on)
                for block in function.typed.function.blocks
                for other in block.ops
            )
            or op.on == session
        )
    if op.do != "call":
        return False
    if op.name in _LETTING_GO and isinstance(op.on, str):
        return original(function, op.on) == session
    return op.name is None and op.on == "make_transient"


class Taken(NamedTuple):
    """An entity of an open session that another session takes, here or in a called function."""

    call: Call
    entity: Place
    mine: Place
    other: str  # the session, or the function that makes it


def taken(function: Function) -> Iterator[Taken]:
    """Entities of one open session that are added to, or deleted from, another."""
    typed = function.typed
    for number, i, op in function.call_positions if kinds.ENTITY in typed.present else ():
        arg_kinds = typed.args[number][i]
        if len(arg_kinds) != len(op.args) or not any(k.name == kinds.ENTITY for k in arg_kinds):
            continue
        call = Call(function, op, typed.on[number][i], arg_kinds, typed.dst[number][i])
        position = (number, i)
        for entity, other in _takers(function, call):
            since = origin(function, entity, position)
            if since is None or since.kind.name != kinds.SESSION or since.session == other:
                continue
            if since.position >= position and not any(
                block.loops for block in typed.function.blocks
            ):
                continue
            if since.position < position and still_open(function, since, position):
                yield Taken(call, entity, since.session, other)


def _takers(function: Function, call: Call) -> Iterator[tuple[Place, str]]:
    op = call.op
    if op.name in _TAKING and call.on.name == kinds.SESSION and isinstance(op.on, str):
        if op.on[0] == "%" or not op.args or not isinstance(op.args[0].value, str):
            return
        if call.arg_kinds[0].name == kinds.ENTITY and len(list(makers(function, op.on))) <= 1:
            yield op.args[0].value, original(function, op.on)
        return
    knowledge = function.project.knowledge
    callee = called(knowledge, op, call.on)
    entry = knowledge.functions.get(callee.label)
    if entry is None or entry[1].is_generator or knowledge.decorators.get(callee.label):
        return
    for (arg, name), kind in zip(parameters(knowledge, op, callee), call.arg_kinds, strict=False):
        if kind.name != kinds.ENTITY or name is None or not isinstance(arg.value, str):
            continue
        if _takes(function, callee.label, name):
            yield arg.value, f"{callee.label}()"


def _takes(function: Function, label: str, parameter: Place) -> bool:
    """A function adds its parameter to a session that it makes itself."""
    typed = function.project.typed.get(label)
    if typed is None:
        return False
    rebound = any(op.dst == parameter for block in typed.function.blocks for op in block.ops)
    return not rebound and any(
        op.do == "call"
        and op.name in _TAKING
        and typed.on[number][i].name == kinds.SESSION
        and typed.on[number][i].owner == "local"
        and any(arg.value == parameter for arg in op.args)
        for number, block in enumerate(typed.function.blocks)
        for i, op in enumerate(block.ops)
    )


def _position(function: Function, wanted: Op) -> Position | None:
    return function.position(wanted)


class Merged(NamedTuple):
    """A `merge()` whose result is thrown away. ``later`` is what is done with the argument as if
    it were the merged object."""

    call: Call
    entity: Place
    later: Op
    statement: Op  # the call, or its await

    @property
    def is_entity(self) -> bool:
        """The argument was made here, or kept for long; it is not what some call just gave, which
        this session may have loaded."""
        function = self.call.function
        for operation in function.operations():
            op = operation.op
            if op.dst == self.entity:
                made = function.maker(op.on) if op.do == "move" else operation
                if made is None or made.on.name == kinds.MAPPED_CLASS:
                    continue
                if made.op.do in ("call", "await"):
                    return False
        return True


def merged(function: Function) -> Iterator[Merged]:
    """Merges that are taken for what makes their argument part of the session."""
    for call, statement, position, entity in discarded_merges(function):
        if _is_there(function, call, position, entity):
            continue  # its merge does nothing
        later = _later(function, position, entity, call.op.on or "")
        if later is not None and not _is_merged_later(function, later, position, entity):
            yield Merged(call, entity, later, statement)


def needless(function: Function) -> Iterator[Merged]:
    """Merges of what the same session has loaded and still has; ``later`` is what loaded it."""
    for call, statement, position, entity in discarded_merges(function):
        since = _is_there(function, call, position, entity)
        if since is not None and still_open(function, since, position):
            yield Merged(call, entity, function.op(since.position), statement)


def _is_there(function: Function, call: Call, position: Position, entity: Place) -> Origin | None:
    since = origin(function, entity, position)
    if since is None or since.session != original(function, str(call.op.on)):
        return None
    return since


def discarded_merges(function: Function) -> Iterator[tuple[Call, Op, Position, Place]]:
    """The merges of a variable whose result is thrown away, with their statements."""
    for call in function.calls():
        op = call.op
        if op.name != "merge" or call.on.name not in _SESSIONS or not isinstance(op.on, str):
            continue
        statement = thrown_away(function, op)
        position = _position(function, op)
        if statement is None or position is None or len(op.args) != 1:
            continue
        entity = op.args[0].value
        if not isinstance(entity, str) or not entity.replace(".", "").isidentifier():
            continue
        if call.arg_kinds[0].name in (kinds.ENTITY, kinds.INSTANCE, kinds.UNKNOWN):
            yield call, statement, position, entity


def thrown_away(function: Function, op: Op) -> Op | None:
    """The statement whose value a call is, or what awaits it, when nobody has the value."""
    if op.discarded:
        return op
    for block in function.typed.function.blocks:
        for other in block.ops:
            if other.do == "await" and other.on == op.dst and other.discarded:
                return other
    return None


def changed_after(function: Function, position: Position, entity: Place) -> Op | None:
    """What changes an object after an operation, as long as the name stands for it."""
    return _later(function, position, entity, "")


def _later(function: Function, position: Position, entity: Place, session: Operand) -> Op | None:
    """What changes the argument after the merge, or asks the session for it. Where it is merged
    once more, what comes then is lost by that one."""
    blocks = function.typed.function.blocks
    seen: set[int] = set()
    waiting = [(position[0], position[1] + 1)]
    while waiting:
        number, begin = waiting.pop(0)
        ends = False
        for i, op in enumerate(blocks[number].ops[begin:], begin):
            if op.dst == entity and op.do != "getattr":
                ends = True
                break
            if _merges(function, (number, i), entity):
                ends = True
                break
            if _changes(op, entity) or fills(function, (number, i), entity):
                return op
            asks = op.do == "call" and op.on == session and op.name in _ASKED
            if asks and any(arg.value == entity for arg in op.args):
                return op
        for edge in () if ends else blocks[number].edges:
            if edge.to not in seen:
                seen.add(edge.to)
                waiting.append((edge.to, 0))
    return None


def _is_merged_later(function: Function, change: Op, merge: Position, entity: Place) -> bool:
    """Another merge writes a change: of the same object, on a way on from there."""
    blocks = function.typed.function.blocks
    at = function.position(change)
    waiting, seen = [] if at is None else [(at[0], at[1] + 1)], set[int]()
    while waiting:
        number, begin = waiting.pop()
        ends = False
        for i, op in enumerate(blocks[number].ops[begin:], begin):
            if op.dst == entity and op.do != "getattr":
                ends = True
                break
            if (number, i) != merge and _merges(function, (number, i), entity):
                return True
        for edge in () if ends else blocks[number].edges:
            if edge.to not in seen:
                seen.add(edge.to)
                waiting.append((edge.to, 0))
    return False


def _merges(function: Function, position: Position, entity: Place) -> bool:
    number, i = position
    op, on = function.op(position), function.typed.on[number][i]
    merges = op.do == "call" and op.name == "merge" and on.name in _SESSIONS
    return merges and any(arg.value == entity for arg in op.args)


_FILLING = frozenset({"append", "extend", "remove", "clear", "insert"})


def _changes(op: Op, entity: Place) -> bool:
    """An attribute of it is set, also by `setattr()`, or a list of it changed."""
    if op.do == "setattr":
        return op.on == entity
    if op.do != "call":
        return False
    if op.name is None:
        return op.on == "setattr" and bool(op.args) and op.args[0].value == entity
    return op.name in _FILLING and str(op.on).rpartition(".")[0] == entity
