"""Connections that alembic is given with a transaction begun: it leaves its end to who began it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.catalog.protocols import BEGUN_BEFORE_MIGRATIONS
from sqla_lint.flow.root import SELF, Position, Root
from sqla_lint.flow.uses import Use
from sqla_lint.ir import Op
from sqla_lint.project.callers import called, parameters, parameters_of
from sqla_lint.views.function import Function

_CONFIGURE = "alembic.context.configure"
# What a function that is only to run the migrations does not do itself: begin, or end.
_TRANSACTIONAL = frozenset(
    {"read", "write", "execute", "load", "commit", "rollback", "close", "autocommit", "begin"}
)
# Functions that hand the connection to one another on the way to alembic; more than any has.
_DEPTH = 4


class BegunBefore(NamedTuple):
    """The statement that has begun a transaction before alembic is given the connection, and the
    call that gives it."""

    statement: Op
    given: Op


def begun_before_migrations(function: Function) -> Iterator[tuple[Root, BegunBefore]]:
    """Connections that are made here, and that nobody commits after the migrations."""
    if not _runs_migrations(function):
        return
    for root in function.made(kinds.CONNECTION):
        found = _left_begun(function, root, _DEPTH)
        if found is not None:
            yield root, found


def _runs_migrations(function: Function) -> bool:
    """An environment of alembic: some function of the module runs its migrations."""
    module = function.typed.module
    names = function.project.knowledge.globals.get(module.name, {})
    if not any(kind.label == "alembic.context" for kind in names.values()):
        return False
    return any(
        op.do == "call" and op.name == "run_migrations"
        for body in module.functions.values()
        for block in body.blocks
        for op in block.ops
    )


def _left_begun(function: Function, root: Root, depth: int) -> BegunBefore | None:
    """Alembic gets the connection in a transaction, and nothing commits it afterwards."""
    where = {id(op): (number, i) for number, i, op in function.positions}
    watched, inner = dict[Position, str](), dict[Position, BegunBefore]()
    for use in function.uses(root):
        at = where[id(use.op)]
        if use.op.do != "call":
            continue
        on = function.typed.on[at[0]][at[1]]
        if f"{on.label}.{use.op.name}" == _CONFIGURE and SELF in use.given:
            watched[at] = "configure"
            continue
        target = _handed(function, use, at) if depth else None
        if target is None:
            continue
        there = _left_begun(*target, depth - 1)
        if there is not None:
            watched[at], inner[at] = "configure begun", there
        elif _only_configures(*target, depth - 1):
            watched[at] = "configure"
    for end in function.solve(BEGUN_BEFORE_MIGRATIONS, (root,), watched=watched).ends:
        trail = end.trail
        while trail is not None and not trail.what.startswith("configure"):
            trail = trail.before
        if end.state != "given" or trail is None:
            continue
        for at, there in inner.items():
            if function.op(at) is trail.op:
                return there
        return BegunBefore(function.op(end.mark), trail.op)
    return None


def _only_configures(function: Function, root: Root, depth: int) -> bool:
    """It gives alembic the connection, and neither begins nor ends a transaction on it."""
    uses, configures = function.uses(root), False
    where = {id(op): (number, i) for number, i, op in function.positions}
    for use in uses:
        number, i = where[id(use.op)]
        on = function.typed.on[number][i]
        if use.op.do == "call" and f"{on.label}.{use.op.name}" == _CONFIGURE and SELF in use.given:
            configures = True
        elif _TRANSACTIONAL & set(use.happening.events):
            return False
        elif depth and (target := _handed(function, use, (number, i))) is not None:
            configures = configures or _only_configures(*target, depth - 1)
    return configures


def _handed(function: Function, use: Use, at: Position) -> tuple[Function, Root] | None:
    """The function of the module that is called with the connection, also through `run_sync()`,
    and the connection there."""
    op, knowledge = use.op, function.project.knowledge
    args = function.typed.args[at[0]][at[1]]
    label, name = "", ""
    if op.name == "run_sync" and use.role == SELF and args:
        label = args[0].label
        name = next((param.name for n, param in parameters_of(knowledge, args[0]) if n == 0), "")
    elif SELF in use.given and op.do == "call":
        callee = called(knowledge, op, function.typed.on[at[0]][at[1]])
        passed = zip(parameters(knowledge, op, callee), args, strict=False)
        given = [name for (_, name), kind in passed if kind.name == kinds.CONNECTION]
        label, name = callee.label, (given[0] or "") if len(given) == 1 else ""
    typed = function.project.typed.get(label) if name else None
    if typed is None or typed.module is not function.typed.module:
        return None
    there = function.of(typed)
    known = (root for root in there.handles(kinds.CONNECTION) if root.place == name)
    root = next(known, None)
    return None if root is None else (there, root)
