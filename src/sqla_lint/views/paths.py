"""The steps of a path in the user's words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from sqla_lint.flow.solve import End, Trail
from sqla_lint.ir import Op, Ref
from sqla_lint.project.callers import called
from sqla_lint.project.kind import FUNCTIONS, class_name

if TYPE_CHECKING:
    from sqla_lint.views.function import Function


class Note(NamedTuple):
    """A step of a path: what happens at an operation."""

    message: str
    at: Ref
    path: str = ""  # the file, when it is another one


def elsewhere(function: Function, path: str) -> str:
    """The path of a file as a step of a function has it: "" for the function's own."""
    return "" if path == function.typed.module.path else path


def written_since_commit(end: End) -> Iterator[Op]:
    """What writes, on the way to an end, after the last commit or rollback: last first."""
    trail = end.trail
    while trail is not None and trail.what not in ("commit", "rollback"):
        if trail.what in _WRITTEN:
            yield trail.op
        trail = trail.before


_WRITTEN = frozenset({"add", "load", "write"})
_WORDS = {
    "open": "opened here",
    "add": "a change is handed to the session here",
    "load": "written here",
    "write": "written here",
    "read": "a statement runs here",
    "take": "a connection is taken here",
    "execute": "a statement runs here",
    "flush": "flushed here",
    "begin": "a transaction begins here",
    "commit": "committed here",
    "rollback": "rolled back here",
    "close": "closed here",
    "drain": "read to its end here",
    "leaves": "the function is left here",
    "lend": "lent here",
    "block": "its block is entered here",
    "fetch": "its rows are read here",
    "hand": "returned unread here",
    "catch": "caught here",
}
# What a function that is called does, in the order in which it is said.
_DEEDS = {
    "add": "changes something",
    "load": "writes",
    "write": "writes",
    "read": "runs a statement",
    "take": "takes a connection",
    "execute": "runs a statement",
    "flush": "flushes",
    "begin": "begins a transaction",
    "commit": "commits",
    "rollback": "rolls back",
    "close": "closes it",
}
_ADDED = {
    "delete": "an object is deleted here",
    "merge": "an object is merged into the session here",
}
_ENDS = frozenset({"commit", "rollback", "close"})
HELPER_DEPTH = 2  # how many calls below the helper its commit is looked for


def notes(function: Function, trail: Trail | None) -> Iterator[Note]:
    """The steps of a trail, first step first; what one call of a helper does is one step."""
    steps: list[tuple[Op, list[str]]] = []
    while trail is not None:
        if steps and steps[-1][0] is trail.op and _is_deed(trail.what, steps[-1][1][0]):
            steps[-1][1].insert(0, trail.what)
        else:
            steps.append((trail.op, [trail.what]))
        trail = trail.before
    for op, events in reversed(steps):
        yield from _step(function, op, events)


def _is_deed(one: str, other: str) -> bool:
    return one in _DEEDS and other in _DEEDS


def _step(function: Function, op: Op, events: list[str]) -> Iterator[Note]:
    helper = _helper(function, op)
    name = class_name(helper)
    if events == ["raises"]:
        yield Note(f"`{name}()` may raise here" if helper else _failure(function, op), op.at)
    elif helper and events[0] in _DEEDS:
        deeds = list(dict.fromkeys(_DEEDS[event] for event in events))
        yield Note(f"`{name}()` {_listed(deeds)} here", op.at)
        yield from _where(function, helper, events)
    else:
        words = dict.fromkeys(_word(op, event) for event in events)
        yield from (Note(word, op.at) for word in words if word)


def _word(op: Op, event: str) -> str:
    if event == "add" and op.do == "setattr":
        return f"`{op.on}` is changed here"
    if event == "add" and op.name in _ADDED:
        return _ADDED[op.name or ""]
    return _WORDS.get(event, "")


def _failure(function: Function, op: Op) -> str:
    if op.do == "raise":
        return "raised here"
    made = function.maker(op.on) if op.do == "await" else None
    name = made.op.name if made is not None else op.name
    return f"this {name} may fail" if name in ("commit", "flush") else "this may raise"


def _listed(deeds: list[str]) -> str:
    return deeds[0] if len(deeds) == 1 else f"{', '.join(deeds[:-1])} and {deeds[-1]}"


def _helper(function: Function, op: Op) -> str:
    """The function of the project that an operation calls, by label; "" for others."""
    if op.do == "await":
        made = function.maker(op.on)
        return _helper(function, made.op) if made is not None else ""
    here = function.position(op) if op.do == "call" else None
    if here is None:
        return ""
    on = function.typed.on[here[0]][here[1]]
    knowledge = function.project.knowledge
    callee = called(knowledge, op, on)
    known = callee.name in FUNCTIONS and callee.label in knowledge.functions
    return callee.label if known else ""


def _where(
    function: Function, label: str, events: list[str], depth: int = HELPER_DEPTH
) -> Iterator[Note]:
    """Where the helper ends the transaction, when it does so itself; else where those do that it
    calls, which may be one or the other."""
    module, code = function.project.knowledge.functions[label]
    typed = function.project.typed.get(label)
    inner = function.of(typed) if typed is not None else None
    own = module.path == function.typed.module.path
    for event in events:
        found = [op for b in code.blocks for op in b.ops if op.do == "call" and op.name == event]
        if event not in _ENDS:
            continue
        if found:
            yield Note(_WORDS[event], found[0].at, "" if own else module.path)
        elif inner is not None and depth:
            helpers = dict.fromkeys(_helper(inner, op) for _, _, op in inner.positions)
            for helper in [one for one in helpers if one and one != label]:
                yield from _where(function, helper, [event], depth - 1)
