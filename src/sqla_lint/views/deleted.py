"""Where a project deletes objects of its mapped classes, and minds what hangs on them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Ann, Op, Operand, Ref
from sqla_lint.project.infer import Typed
from sqla_lint.project.kind import Kind
from sqla_lint.project.linked import Project

_SESSIONS = frozenset({kinds.SESSION, kinds.SCOPED_SESSION})
# Who catches these knows that the database may refuse.
_REFUSALS = frozenset(
    {"IntegrityError", "DBAPIError", "DatabaseError", "SQLAlchemyError", "StatementError"}
    | {"Exception", "BaseException", "AssertionError"}
)
_EAGER = frozenset({"selectinload", "joinedload", "subqueryload", "immediateload"})
_MEMO = "deletions"


class Deletion(NamedTuple):
    """``session.delete(x)`` for an object of a class, or a DELETE of its rows."""

    path: str
    at: Ref
    names: frozenset[str]  # attributes that the function reads
    classes: frozenset[str]  # classes that it has to do with
    minded: bool  # it expects a refusal, hands the object on, or has deleted rows of others before
    bulk: bool = False  # by a statement: `delete(Model)`, `query(Model).delete()`


def deletions(project: Project, label: str) -> tuple[Deletion, ...]:
    """The places where objects of a class are deleted."""
    found = project.memo.get(_MEMO)
    if not isinstance(found, dict):
        made: dict[str, list[Deletion]] = {}
        for typed in project.typed.values():
            for of, deletion in _of(typed):
                made.setdefault(of, []).append(deletion)
        found = project.memo[_MEMO] = made
    return tuple(found.get(label, ()))


def _of(typed: Typed) -> Iterator[tuple[str, Deletion]]:
    blocks = typed.function.blocks
    places = [(n, i, op) for n, block in enumerate(blocks) for i, op in enumerate(block.ops)]
    deleted = [
        (op, typed.args[n][i][0])
        for n, i, op in places
        if op.do == "call" and op.name == "delete" and typed.args[n][i]
        if typed.on[n][i].name in _SESSIONS and typed.args[n][i][0].name == kinds.ENTITY
    ]
    bulk = [
        (op, label)
        for n, i, op in places
        if op.do == "call"
        if (label := _by_statement(op, typed.on[n][i], typed.args[n][i], typed.dst[n][i]))
    ]
    if not deleted and not bulk:
        return
    loading = _loading([op for _, _, op in places])
    names = frozenset(op.name for _, _, op in places if op.name and id(op) not in loading)
    classes = frozenset(
        label
        for n, i, op in places
        if id(op) not in loading
        for kind in (typed.on[n][i], *typed.args[n][i], typed.dst[n][i])
        for label in _labels(kind)
    )
    refused = any(_expects(h.types) for block in blocks for h in block.handlers)
    # who deletes rows of several classes has thought of what hangs on what
    several = len({label for _, label in bulk} | {kind.label for _, kind in deleted}) > 1
    for op, label in bulk:
        yield label, Deletion(typed.module.path, op.at, names, classes, refused or several, True)
    for op, kind in deleted:
        handed = any(
            other.do == "call"
            and other is not op
            and typed.on[n][i].name not in _SESSIONS
            and any(given.label == kind.label and given.name == kinds.ENTITY for given in args)
            for n, i, other in places
            for args in (typed.args[n][i],)
        )
        at = next((n, i) for n, i, other in places if other is op)
        swept = any(
            (n, i) < at and _sweeps(other, typed.on[n][i], typed.args[n][i], typed.dst[n][i])
            for n, i, other in places
        )
        yield (
            kind.label,
            Deletion(typed.module.path, op.at, names, classes, refused or handed or swept),
        )


def _loading(ops: list[Op]) -> set[int]:
    """The operations that tell what is to be loaded with an object: nothing is done with that."""
    found: set[int] = set()
    wanted: set[Operand] = set()
    for op in reversed(ops):
        called = op.name if isinstance(op.name, str) else str(op.on).rpartition(".")[2]
        if op.do == "call" and called in _EAGER:
            found.add(id(op))
            wanted |= {arg.value for arg in op.args}
        elif op.do == "getattr" and op.dst in wanted:
            found.add(id(op))
    return found


def _by_statement(op: Op, on: Kind, args: tuple[Kind, ...], made: Kind) -> str:
    """The class whose rows a call deletes by a statement."""
    if on.name == kinds.QUERY and op.name == "delete" and len(on.of) == 1:
        return on.of[0].label if on.of[0].name in (kinds.MAPPED_CLASS, kinds.ENTITY) else ""
    if made.name == kinds.DELETE and on.name != kinds.DELETE and args:
        return args[0].label if args[0].name == kinds.MAPPED_CLASS else ""
    return ""


def _sweeps(op: Op, on: Kind, args: tuple[Kind, ...], made: Kind) -> bool:
    """Rows of a table, or of some class that is not told, are deleted by a statement: those of the
    children may be among them, and then the collection is empty when it is loaded."""
    if op.do != "call" or made.name == kinds.ENTITY:
        return False
    if op.name == "delete" and not args and on.name in (kinds.TABLE, kinds.UNKNOWN):
        return True
    if op.name == "delete" and on.name == kinds.QUERY:
        return not _by_statement(op, on, args, made)
    return (
        made.name == kinds.DELETE
        and on.name != kinds.DELETE
        and bool(args)
        and (args[0].name != kinds.MAPPED_CLASS or not args[0].label)
    )


def _expects(types: tuple[Ann, ...]) -> bool:
    return not types or any(one.name.rpartition(".")[2] in _REFUSALS for one in types)


def _labels(kind: Kind) -> Iterator[str]:
    if kind.label:
        yield kind.label
    for one in kind.of:
        yield from _labels(one)
