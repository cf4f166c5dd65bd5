"""What the callers of a function still do with a session that they handed it."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.catalog import kinds
from sqla_lint.flow.root import Position, Root
from sqla_lint.ir import EXIT, RAISED, Operand
from sqla_lint.project.callers import called, parameters
from sqla_lint.project.kind import FUNCTIONS
from sqla_lint.views.answers import Answer, Done, after
from sqla_lint.views.calling import calls
from sqla_lint.views.dead import is_dead
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_project
from sqla_lint.views.units import follows

# A helper of a helper; beyond that it counts as used.
DEPTH = 4

_FOLLOWED = (kinds.SESSION, kinds.SCOPED_SESSION)
_ENDING = frozenset({"rollback", "close"})
# What a framework calls: its context ends with it, and so does what it has made.
_LAST = frozenset({"command", "route", "task"})
_HARMLESS = frozenset({"ask", "close", "rollback", "undo", "unnest", "end", "fails"})


def is_used_later(
    function: Function,
    root: Root,
    depth: int = DEPTH,
    *,
    raised: bool = False,
    answered: Answer = "",
) -> bool:
    """Somebody works on with a session after the function has returned this answer (or raised), or
    may: a caller that is known and does not, such as a route that only answers, is the last to have
    it, and one that rolls back has mended it."""
    found = list(_calls(function))
    if not found and is_dead(function):
        return False
    around = _streaming(function, root) if not found and depth else None
    if around is not None:
        return is_used_later(*around, depth - 1)
    if not found or "." in root.place or depth == 0 or function.label in _passed(function):
        return True
    callers = 0
    for caller, position in found:
        if caller.entry in ("test", "fixture"):
            continue
        callers += 1
        given = _given(function, root, caller, position)
        own = next((r for r in caller.followed(*_FOLLOWED) if given in _names(caller, r)), None)
        if own is None:
            return True
        if not raised:
            then = after(caller, position, _done_to(caller, own), answered)
            if then == "works":
                return True
            if then == "ends":
                continue
        elif _works_on(caller, own, position) and _is_caught(caller, position):
            return True
        if own.kind.owner == "caller":
            if caller.entry != "route" and is_used_later(caller, own, depth - 1, raised=raised):
                return True
        elif own.kind.owner not in ("local", "managed"):
            return True
    return callers == 0


def _streaming(function: Function, root: Root) -> tuple[Function, Root] | None:
    """The function that this generator stands in, which only makes it and hands it out, and the
    session that it was given: whoever goes through it does so when that one has returned."""
    code = function.typed.function
    outer = code.captures.get(root.place)
    typed = function.project.typed.get(f"{function.typed.module.name}:{outer}")
    if typed is None or not code.is_generator or code.parent != outer:
        return None
    around = function.of(typed)
    own = next((one for one in around.handles(*_FOLLOWED) if one.place == root.place), None)
    if own is None or around.is_generator:
        return None
    works = any(
        set(use.happening.events) - _HARMLESS for use in around.uses(own) if use.op.do != "closure"
    )
    return None if works else (around, own)


def _calls(function: Function) -> Iterator[tuple[Function, Position]]:
    """The calls that hand it something, each with who makes it."""
    for caller, position in _calls_of(function):
        if caller.op(position).args:
            yield caller, position


def _calls_of(function: Function) -> Iterator[tuple[Function, Position]]:
    for label, (number, i) in calls(function).get(function.label, ()):
        caller = function.of(function.project.typed[label])
        blocks = caller.typed.function.blocks
        # a body may have been put in the place of another since the calls were looked for
        if number < len(blocks) and i < len(blocks[number].ops):
            yield caller, (number, i)


def _given(function: Function, root: Root, caller: Function, position: Position) -> Operand | None:
    op = caller.op(position)
    knowledge = function.project.knowledge
    callee = called(knowledge, op, caller.typed.on[position[0]][position[1]])
    pairs = parameters(knowledge, op, callee)
    return next((arg.value for arg, name in pairs if name == root.place), None)


def _names(function: Function, root: Root) -> Iterator[Operand | None]:
    if root.place:
        yield root.place
        return
    yield function.op(root.position).dst
    for use in function.uses(root):
        if use.happening.role == root.role:
            yield use.op.dst


def is_kept_on(function: Function, root: Root, answered: Answer, depth: int = DEPTH) -> bool:
    """Somebody goes on with the session that an object keeps, or that a framework removes with the
    request, after a method has returned this answer; or may. Where all callers are known, and each
    makes the object for itself, or is a route, the last of them to touch a session is the last."""
    found = list(_calls_of(function))
    if not found and is_dead(function):
        return False
    if not found or depth == 0 or function.label in _passed(function):
        return True
    callers = 0
    for caller, position in found:
        if caller.entry in ("test", "fixture"):
            continue
        callers += 1
        holder = caller.op(position).on if root.place.startswith("self.") else None
        then = after(caller, position, _touches(caller, root, holder), answered)
        if then == "works":
            return True
        if then == "ends":
            continue
        if holder is not None and holder != "self" and not str(holder).startswith("self."):
            given = any(param.name == holder for param in caller.typed.function.params)
            if not _is_made_here(caller, holder) and not (given and caller.entry == "route"):
                return True
            if caller.made(*_FOLLOWED) or caller.borrowed_in_block(*_FOLLOWED):
                continue  # the session that it was given ends with the caller
        if caller.entry not in _LAST and is_kept_on(caller, root, "", depth - 1):
            return True
    return callers == 0


def _is_made_here(caller: Function, holder: Operand) -> bool:
    """A call of a class gives it, every time."""
    makers = [o for o in caller.operations() if o.op.dst == holder]
    made = [caller.maker(o.op.on) if o.op.do == "move" else o for o in makers]
    return bool(made) and all(
        one is not None and one.op.do == "call" and one.on.name == kinds.CLASS for one in made
    )


def _touches(caller: Function, kept: Root, holder: Operand | None) -> Done:
    """What is done to any session; what calls the same object again works on its session, or ends
    it."""
    found = [_done_to(caller, root) for root in caller.followed(*_FOLLOWED)]
    ends = {op for done in found for op in done.ends}
    works = {op for done in found for op in done.works}
    mends = {op for done in found for op in done.mends}
    knowledge, typed = caller.project.knowledge, caller.project.typed
    for number, i, op in caller.positions:
        if op.do != "call" or id(op) in ends:
            continue
        callee = called(knowledge, op, caller.typed.on[number][i])
        there = typed.get(callee.label)
        if holder is not None and op.on == holder and _only_ends(caller, callee.label, kept):
            ends.add(id(op))
            mends.add(id(op))
            continue
        again = holder is not None and holder in (op.on, *(arg.value for arg in op.args))
        if again or (there is not None and not there.present.isdisjoint(_FOLLOWED)):
            works.add(id(op))
    return Done(frozenset(works), frozenset(ends), frozenset(mends))


def _only_ends(caller: Function, label: str, kept: Root) -> bool:
    """A method that rolls back or closes the session of its object, and nothing else."""
    entry = caller.project.knowledge.functions.get(label)
    if entry is None or not entry[1].params:
        return False
    place = entry[1].params[0].name + kept.place.removeprefix("self")
    done = set(caller.effects.done_to(label, place, kept.kind))
    return bool(done & _ENDING) and not done - _HARMLESS


def _done_to(function: Function, root: Root) -> Done:
    uses = [(use.op, set(use.happening.events)) for use in function.uses(root)]
    ends = frozenset(id(op) for op, events in uses if _ENDING & events)
    works = frozenset(id(op) for op, events in uses if events - _HARMLESS)
    mends = frozenset(id(op) for op, events in uses if "rollback" in events and op.do != "leave")
    return Done(works - ends, ends, mends)


def _works_on(caller: Function, own: Root, position: Position) -> bool:
    for use in caller.uses(own):
        there = caller.position(use.op)
        works = there is not None and bool(set(use.happening.events) - _HARMLESS)
        if works and there is not None and follows(caller, position, there):
            return True
    return False


def _is_caught(caller: Function, position: Position) -> bool:
    """Something may catch what an operation raises."""
    blocks = caller.typed.function.blocks
    seen: set[int] = set()
    waiting = [blocks[position[0]].exc]
    while waiting:
        number = waiting.pop()
        if number in seen or number in (EXIT, RAISED):
            continue
        seen.add(number)
        if blocks[number].handlers:
            return True
        waiting += [edge.to for edge in blocks[number].edges if edge.when != "swallow"]
        waiting.append(blocks[number].exc)
    return False


@per_project
def _passed(function: Function) -> frozenset[str]:
    """Functions that are handed to others, which may call them."""
    return frozenset(
        kind.label
        for typed in function.project.typed.values()
        for rows in typed.args
        for row in rows
        for kind in row
        if kind.name in FUNCTIONS
    )
