"""Session scopes over a session that lives on, whose own commit nothing rolls back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.flow.root import NOWHERE, Root
from sqla_lint.ir import Op, Place
from sqla_lint.project.kind import Kind
from sqla_lint.views.function import Function
from sqla_lint.views.handlers import handled, is_guarded

_SESSIONS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION})
_LIVES_ON = frozenset({"module", "registry"})
_ENDS = frozenset({"close", "remove", "rollback", "reset"})


class ScopeCommit(NamedTuple):
    """A session that is lent, and the commit that follows its block."""

    root: Root
    commit: Op
    lent: Op


def unguarded_scopes(function: Function) -> Iterator[ScopeCommit]:
    """``try: yield session`` / ``except: session.rollback(); raise`` / ``else: session.commit()``:
    what the block added is sent by a commit that stands outside of the `try`."""
    if not function.is_generator or not function.lends:
        return
    lent = _lent(function)
    clauses = list(handled(function)) if lent else []
    for place, (op, kind, number) in lent.items():
        ends = [o for _, _, o in function.positions if o.do == "call" and o.on == place]
        around = [c for c in clauses if number in c.guarded]
        inside = {id(o) for clause in around for _, o in clause.ops}
        if not any(o.name == "rollback" and id(o) in inside for o in ends):
            continue
        if any(o.name in _ENDS and id(o) not in inside for o in ends):
            continue
        for commit in ends:
            if commit.name == "commit" and not is_guarded(function, _raising(function, commit)):
                yield ScopeCommit(Root(kind, NOWHERE, place), commit, op)


def _lent(function: Function) -> dict[Place, tuple[Op, Kind, int]]:
    """The sessions of a registry or module that are yielded, by name."""
    typed = function.typed
    return {
        op.on: (op, typed.on[number][i], number)
        for number, i, op in function.positions
        if op.do == "yield"
        and isinstance(op.on, str)
        and op.on[0] != "%"
        and typed.on[number][i].name in _SESSIONS
        and typed.on[number][i].owner in _LIVES_ON
    }


def _raising(function: Function, commit: Op) -> Op:
    """Where the commit raises: with asyncio, at its `await`."""
    for _, _, op in function.positions:
        if op.do == "await" and op.on == commit.dst:
            return op
    return commit


def is_removed_for_units(function: Function) -> bool:
    """The project removes or closes a registry session elsewhere, and not where it disposes of the
    engine, too: what is done at the end of the program comes too late."""
    typed = function.project.typed
    return any(
        not any(
            op.do == "call" and op.name == "dispose"
            for block in typed[label].function.blocks
            for op in block.ops
        )
        for label in function.registry_removers() - {function.label}
    )
