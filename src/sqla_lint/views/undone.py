"""Rollbacks that undo nothing: the helpers of the unit of work have committed its parts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from sqla_lint.catalog import kinds
from sqla_lint.flow.root import SELF, Position
from sqla_lint.ir import Module, Op, Operand
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.infer import Typed
from sqla_lint.project.kind import FUNCTIONS
from sqla_lint.views.function import Function
from sqla_lint.views.handlers import Handled, handled
from sqla_lint.views.once import per_project
from sqla_lint.views.units import follows
from sqla_lint.ways import behind, passes_by

# Functions of functions of functions are looked into so far.
DEPTH = 3
_SESSIONS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION})
_WRITES = frozenset({"add", "add_all", "delete", "merge"})
_WORKS = _WRITES | {"commit", "execute", "flush", "bulk_save_objects"}
_ALL = frozenset({"Exception", "BaseException"})


class Undone(NamedTuple):
    """The call of a helper that writes and commits, what raises after it before the rest of the
    unit of work is written, that rest, and the rollback of the handler."""

    call: Op
    raised: Op
    rest: Op
    rollback: Op


class _Call(NamedTuple):
    at: Position
    op: Op
    label: str


def undone(function: Function) -> Iterator[Undone]:
    """In a `try`, something of the project's own is raised between two helpers that commit what
    they write, and the handler rolls back; the second writes more of the same: it is the same
    helper, or is handed what the first gave."""
    if _SESSIONS.isdisjoint(function.typed.present):
        return
    clauses = list(handled(function))
    for clause in clauses:
        rollback = _rollback(function, clause)
        if rollback is None or _writes_again(function, clause):
            continue
        before = [one for one in clauses if one.guarded == clause.guarded]
        before = before[: before.index(clause)]
        tried = _calls(function, clause.guarded)
        settling = [one for one in tried if _settles(function, one.label, DEPTH)]
        for first in settling:
            if _is_same(function, rollback, first):
                found = _lost(function, clause, before, first, tried, settling)
                if found is not None:
                    yield Undone(first.op, *found, rollback)
                    break


def _rollback(function: Function, clause: Handled) -> Op | None:
    for (number, i), op in clause.ops:
        on = function.typed.on[number][i].name
        if op.do == "call" and op.name == "rollback" and on in _SESSIONS:
            return op
    return None


def _writes_again(function: Function, clause: Handled) -> bool:
    """The handler puts right what was committed, or notes the failure."""
    for (number, i), op in clause.ops:
        on = function.typed.on[number][i]
        if op.do == "call" and on.name in _SESSIONS and op.name in _WORKS:
            return True
        label = called(function.project.knowledge, op, on).label if op.do == "call" else ""
        if label and _settles(function, label, DEPTH):
            return True
    return False


def _calls(function: Function, blocks: frozenset[int]) -> list[_Call]:
    """The calls of functions of the project."""
    found = []
    for number, i, op in function.positions:
        if op.do == "call" and number in blocks:
            callee = called(function.project.knowledge, op, function.typed.on[number][i])
            if callee.name in FUNCTIONS:
                found.append(_Call((number, i), op, callee.label))
    return found


@per_project
def _known(function: Function) -> dict[tuple[object, ...], bool]:
    """What is asked of functions, over and over where many call each other."""
    return {}


def _settles(function: Function, label: str, depth: int) -> bool:
    """A function writes through a session and commits it, on every normal way."""
    known, key = _known(function), ("settles", label, depth)
    if not depth or label == function.label:
        return False
    if key not in known:
        known[key] = False  # of one that calls itself
        known[key] = _writes_and_commits(function, label, depth)
    return known[key]


def _writes_and_commits(function: Function, label: str, depth: int) -> bool:
    typed = function.project.typed.get(label)
    if typed is None:
        return False
    writes, commits = False, set[int]()
    for number, block in enumerate(typed.function.blocks):
        for i, op in enumerate(block.ops):
            if op.do != "call":
                continue
            on = typed.on[number][i]
            if on.name in _SESSIONS:
                writes = writes or op.name in _WRITES
                if op.name == "commit":
                    commits.add(number)
                continue
            inner = called(function.project.knowledge, op, on).label
            if inner != label and _settles(function, inner, depth - 1):
                writes = True
                commits.add(number)
    return writes and bool(commits) and not passes_by(typed.function, commits)


def _is_same(function: Function, rollback: Op, call: _Call) -> bool:
    """The helper commits the session that is rolled back."""
    for root in function.followed(*_SESSIONS):
        uses = function.uses(root)
        if any(u.op is rollback and u.role == SELF for u in uses):
            return any(
                u.op is call.op and "commit" in u.happening.events for u in uses
            ) or _is_shared(function, root.place, call)
    return False


def _is_shared(function: Function, place: str, call: _Call) -> bool:
    """`self.orders = Orders(session)` beside `self.session = session`."""
    parent = f"{function.typed.module.name}:{function.typed.function.parent}"
    me, _, attribute = place.partition(".")
    part = str(call.op.on).partition(".")
    knowledge = function.project.knowledge
    init = knowledge.classes.method(parent, "__init__")
    typed = function.project.typed.get(init) if init is not None else None
    if typed is None or not attribute or part[0] != me or "." in attribute or not part[2]:
        return False
    own = typed.function.params[0].name if typed.function.params else ""
    stored = {
        op.name: op.args[-1].value
        for block in typed.function.blocks
        for op in block.ops
        if op.do == "setattr" and op.on == own and op.name
    }
    session = stored.get(attribute)
    return session is not None and _keeps(function, typed, stored.get(part[2]), session, own)


def _keeps(
    function: Function, typed: Typed, made: Operand | None, session: Operand, own: str
) -> bool:
    """An object is made with a session, which its `__init__` keeps."""
    knowledge = function.project.knowledge
    for number, block in enumerate(typed.function.blocks):
        for i, op in enumerate(block.ops):
            if op.do != "call" or op.dst is None or op.dst != made:
                continue
            callee = called(knowledge, op, typed.on[number][i])
            entry = knowledge.functions.get(callee.label)
            given = {
                name
                for arg, name in parameters(knowledge, op, callee)
                if arg.value == session or str(arg.value).startswith(f"{own}.")
            }
            return entry is not None and any(
                one.do == "setattr" and one.args[-1].value in given
                for other in entry[1].blocks
                for one in other.ops
            )
    return False


def _lost(
    function: Function,
    clause: Handled,
    before: list[Handled],
    first: _Call,
    tried: list[_Call],
    settling: list[_Call],
) -> tuple[Op, Op] | None:
    """What raises, and the rest of the unit of work, which is not written then."""
    rests = [
        one
        for one in settling
        if one is not first
        and follows(function, first.at, one.at)
        and (one.label == first.label or _takes(function, one.op, first.op))
    ]
    raised = [
        ((number, i), op)
        for number, i, op in function.positions
        if number in clause.guarded and op.do == "raise" and op.on is not None
        if (lineage := _raised(function, op)) and _takes_it(function, clause, lineage)
        if not any(_takes_it(function, one, lineage) for one in before)
    ]
    raising = [
        call
        for call in tried
        if call is not first and _raises(function, call.label, _own(function, clause), DEPTH)
    ]
    for rest in rests:
        if rest in raising:
            return rest.op, rest.op
        for at, op in raised:
            if _precedes(function, first.at, at, rest.at):
                return op, rest.op
        for call in raising:
            if _precedes(function, first.at, call.at, rest.at):
                return call.op, rest.op
    return None


def _precedes(function: Function, first: Position, here: Position, rest: Position) -> bool:
    """A way leads from the first call here that does not pass the rest."""
    if first[0] == here[0]:
        return first[1] < here[1] and not (rest[0] == here[0] and first[1] < rest[1] < here[1])
    blocks = function.typed.function.blocks
    if first[0] == rest[0] and rest[1] > first[1]:
        return False
    starts = [edge.to for edge in blocks[first[0]].edges]
    return here[0] in behind(blocks, starts, stop=frozenset({rest[0]})) and (
        here[0] != rest[0] or here[1] < rest[1]
    )


def _takes(function: Function, op: Op, first: Op) -> bool:
    """A call is given what another one gave."""
    names: set[Operand | None] = {first.dst} if first.dst is not None else set()
    for _ in range(2):  # awaited, and bound
        names |= {
            one.dst
            for _, _, one in function.positions
            if one.do in ("move", "await") and one.on in names and one.dst is not None
        }
    return any(arg.value in names or _of(function, arg.value, names) for arg in op.args)


def _of(function: Function, value: Operand, names: set[Operand | None]) -> bool:
    """An attribute of one of them: `order.id`."""
    if isinstance(value, str) and value.partition(".")[0] in names:
        return True
    made = function.maker(value)
    return made is not None and made.op.do == "getattr" and made.op.on in names


# --- exceptions --------------------------------------------------------------------------------

_Classes: TypeAlias = frozenset[str]  # of the project by their labels, others by their names


def _raised(function: Function, op: Op) -> _Classes:
    """The classes of what a statement raises: its own, and those it stands on."""
    made = function.maker(op.on)
    if made is None:
        return _lineage(function, function.typed.module, str(op.on))
    if made.op.do != "call" or made.op.name is not None:
        return frozenset()
    return _lineage(function, function.typed.module, str(made.op.on))


def _lineage(function: Function, module: Module, name: str) -> _Classes:
    label = _class(function, module, name)
    return frozenset({label, *function.project.knowledge.classes.lineage(label)})


def _class(function: Function, module: Module, name: str) -> str:
    """The label of a class of the project that a module calls so; else the last word."""
    knowledge = function.project.knowledge
    first, *rest = name.split(".")
    kind = knowledge.global_name(module, first)
    for word in rest:
        kind = knowledge.attribute(kind, word)
    known = kind.name == kinds.CLASS and kind.label in knowledge.classes.by_label
    return kind.label if known else name.rpartition(".")[2]


def _caught(function: Function, clause: Handled) -> _Classes:
    flat = [ann for one in clause.types for ann in (one, *one.args) if ann.name]
    return frozenset(_class(function, function.typed.module, ann.name) for ann in flat)


def _takes_it(function: Function, clause: Handled, raised: _Classes) -> bool:
    return not clause.types or bool(_caught(function, clause) & (_ALL | raised))


def _own(function: Function, clause: Handled) -> _Classes:
    """The classes of the project that a handler is written for."""
    classes = function.project.knowledge.classes.by_label
    return frozenset(one for one in _caught(function, clause) if one in classes)


def _raises(function: Function, label: str, own: _Classes, depth: int) -> bool:
    """A function of the project raises one of these."""
    known, key = _known(function), ("raises", label, own, depth)
    if not own or not depth:
        return False
    if key not in known:
        known[key] = False  # of one that calls itself
        known[key] = _raises_one(function, label, own, depth)
    return known[key]


def _raises_one(function: Function, label: str, own: _Classes, depth: int) -> bool:
    entry = function.project.knowledge.functions.get(label)
    if entry is None:
        return False
    module, code = entry
    typed = function.project.typed.get(label)
    for number, block in enumerate(code.blocks):
        made = {op.dst: str(op.on) for op in block.ops if op.do == "call" and op.name is None}
        for i, op in enumerate(block.ops):
            if op.do == "raise" and op.on is not None:
                if own & _lineage(function, module, made.get(str(op.on), str(op.on))):
                    return True
            elif op.do == "call" and typed is not None:
                inner = called(function.project.knowledge, op, typed.on[number][i]).label
                if inner and _raises(function, inner, own, depth - 1):
                    return True
    return False
