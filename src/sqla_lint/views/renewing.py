"""What brings the values of a session's objects anew: the end of its transaction, or a statement
that says so.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqla_lint.catalog import kinds
from sqla_lint.catalog.objects import KEEPS
from sqla_lint.flow.origins import Session
from sqla_lint.ir import Op
from sqla_lint.project.callers import called
from sqla_lint.project.kind import Kind, is_own_function
from sqla_lint.views.function import Function

_SESSIONS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION})
# How far functions are followed for what they do to the session.
DEPTH = 3
# What a session does that may bring other values, or is another unit of work.
_FRESH = frozenset(
    {"begin", "begin_nested", "close", "commit", "expire", "expire_all", "expunge", "expunge_all"}
    | {"invalidate", "refresh", "remove", "reset", "rollback", "run_sync"}
)
# ... where a commit leaves the objects as they are.
_FRESH_THOUGH_KEPT = _FRESH - {"begin", "commit"}
_POPULATING = frozenset({"populate_existing", "execution_options", "with_for_update"})


def is_renewed(
    function: Function, session: Session, operations: Iterable[tuple[int, int, Op]]
) -> bool:
    """One of these operations ends the transaction, makes the session, or hands it to somebody who
    may."""
    names = {place for place, _ in session.names}
    owners = {place.rpartition(".")[0] for place in names} - {""}
    knowledge = function.project.knowledge
    for number, i, op in operations:
        if op.at == session.at or (op.do == "enter" and {op.on, op.dst} & names):
            return True
        if op.do != "call":
            continue
        on = function.typed.on[number][i]
        if op.on in names and op.name in _fresh(session.kind):
            return True
        if is_populating(op):
            return True
        own = on.name in _SESSIONS
        if own and op.name in _fresh(on) - {"begin"}:
            return True
        given = {arg.value for arg in op.args}
        if not own and (given & (names | owners) or op.on in owners):
            run = called(knowledge, op, on)
            ours = is_own_function(run)
            if renews(function, run.label) if ours else given & names:
                return True
    return False


def _fresh(kind: Kind) -> frozenset[str]:
    return _FRESH_THOUGH_KEPT if kind.traits & KEEPS else _FRESH


def is_populating(op: Op) -> bool:
    """A call says that a statement is to bring the values anew."""
    return op.name in _POPULATING or any(arg.keyword == "populate_existing" for arg in op.args)


def renews(function: Function, label: str, depth: int = DEPTH) -> bool:
    """A function of the project, or one that it calls, may do something to a session that brings
    the values of its objects anew."""
    project = function.project
    typed = project.typed.get(label)
    if depth == 0:
        return True
    if typed is None:  # it touches no database itself: what the functions do that it calls
        inferred = project.inferred.get(label)
        inner = {q[1] for q in inferred.asked if q[0] == "summary"} if inferred else set()
        return any(renews(function, one, depth - 1) for one in inner - {label})
    for number, block in enumerate(typed.function.blocks):
        for i, op in enumerate(block.ops):
            on = typed.on[number][i]
            own = on.name in _SESSIONS
            if op.do == "enter" and own:
                return True
            if op.do != "call":
                continue
            if (own and op.name in _fresh(on)) or is_populating(op):
                return True
            run = called(project.knowledge, op, on)
            if is_own_function(run):
                if run.label != label and renews(function, run.label, depth - 1):
                    return True
            elif not own and any(kind.name in _SESSIONS for kind in typed.args[number][i]):
                return True
    return False
