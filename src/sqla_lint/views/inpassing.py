"""Changes that a helper makes in passing: many ask it for something, and it notes on a loaded
object what it found out, always with the same words. It is found out again at the next call."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.catalog import kinds
from sqla_lint.flow.effects import statement_event
from sqla_lint.flow.solve import End
from sqla_lint.ir import Const, Op
from sqla_lint.project.callers import called
from sqla_lint.project.infer import Typed
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_project
from sqla_lint.views.paths import written_since_commit

# So many functions ask a helper that it is there for its answer, not for what it changes.
MANY = 4
# Calls are followed from a helper no further than this.
DEPTH_LIMIT = 6

_GIVEN_TO_SESSIONS = frozenset({"add", "add_all", "delete", "merge", "bulk_save_objects"})
_SESSIONS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION, kinds.CONNECTION})


def only_in_passing(function: Function, end: End) -> bool:
    """All that is written since the last commit on the way to an end is such a change."""
    writing = {op.at: op for op in written_since_commit(end)}
    return bool(writing) and all(_is_in_passing(function, op) for op in writing.values())


def _is_in_passing(function: Function, op: Op) -> bool:
    if op.do == "await":
        made = function.maker(op.on)
        return made is not None and _is_in_passing(function, made.op)
    here = function.position(op)
    if op.do != "call" or here is None:
        return False
    on = function.typed.on[here[0]][here[1]]
    callee = called(function.project.knowledge, op, on).label
    deeds = list(_deeds(function, callee, 0, set()))
    return bool(deeds) and all(deeds)


def _deeds(function: Function, label: str, depth: int, seen: set[str]) -> Iterator[bool]:
    """What a function of the project, and those that it calls, write: whether in passing."""
    typed = function.project.typed.get(label)
    if typed is None or label in seen:
        return
    seen.add(label)
    if depth > DEPTH_LIMIT:
        yield False
        return
    knowledge = function.project.knowledge
    asked = None
    for number, block in enumerate(typed.function.blocks):
        for i, op in enumerate(block.ops):
            on = typed.on[number][i]
            if op.do == "setattr" and on.name == kinds.ENTITY:
                if block.ops[-1].do == "raise":
                    continue  # whoever asked gets no answer
                if asked is None:
                    asked = _is_asked_by_many(function, typed)
                yield asked and isinstance(op.args[0].value, Const)
            elif op.do == "call" and on.name in _SESSIONS:
                given = op.name in _GIVEN_TO_SESSIONS
                written = any(statement_event(one) == "write" for one in typed.args[number][i])
                if given or written:
                    yield False
            elif op.do == "call":
                yield from _deeds(function, called(knowledge, op, on).label, depth + 1, seen)


def _is_asked_by_many(function: Function, typed: Typed) -> bool:
    """It gives an answer, and many functions ask for it."""
    code = typed.function
    answers = any(
        op.do == "return" and op.on != Const(None) for block in code.blocks for op in block.ops
    )
    label = f"{typed.module.name}:{code.qualname}"
    return answers and _askers(function).get(label, 0) >= MANY


@per_project
def _askers(function: Function) -> dict[str, int]:
    """How many functions pass something to each."""
    found: dict[str, int] = {}
    for inferred in function.project.inferred.values():
        for label in {key[0] for key in inferred.passed}:
            found[label] = found.get(label, 0) + 1
    return found
