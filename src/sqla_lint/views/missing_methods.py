"""Methods of one sort of result that are asked of another, which has none of that name."""

from __future__ import annotations

from typing import NamedTuple

from sqla_lint import catalog
from sqla_lint.catalog import kinds
from sqla_lint.views.function import Operation
from sqla_lint.views.sql import reader
from sqla_lint.views.upgrade import is_guarded

_VERSIONS = ((1, 4), (2, 0), (2, 1))
# What results are asked for. A name that is none of these may be an attribute of the user's own.
_ASKED = frozenset(
    {"all", "fetchall", "fetchmany", "fetchone", "first", "mappings", "one", "one_or_none"}
    | {"scalar", "scalar_one", "scalar_one_or_none", "scalars", "unique"}
)
_OF_CURSORS = frozenset({"inserted_primary_key", "lastrowid", "rowcount"})
# How each is called in SQLAlchemy's documentation.
_CALLED = {
    kinds.MAPPINGS: "a MappingResult",
    kinds.QUERY: "a Query",
    kinds.RESULT: "a Result",
    kinds.ROW: "a Row",
    kinds.SCALARS: "a ScalarResult",
    kinds.SELECT: "a Select",
}
_LIST = "a list"
_GIVES_LIST = frozenset({"all", "fetchall", "fetchmany"})
_GIVES_SCALARS = frozenset({"scalars", "stream_scalars"})
_RUNNERS = frozenset({kinds.CONNECTION, kinds.SESSION, kinds.SCOPED_SESSION})
_HOLDERS = frozenset({kinds.RESULT, kinds.SCALARS, kinds.MAPPINGS, kinds.QUERY})


class Missing(NamedTuple):
    """What is asked for, and of what."""

    name: str
    of: str
    kind: str


def missing_method(operation: Operation) -> Missing | None:
    """A method of results that what it is asked of does not have, in no version."""
    op, on = operation.op, operation.on
    name = op.name or ""
    if operation.function.is_test_code:
        return None
    if op.do == "getattr":
        asked = name in _OF_CURSORS and on.name in (kinds.SCALARS, kinds.MAPPINGS)
    else:
        asked = op.do == "call" and name in _ASKED
    if not asked or "subclass" in on.traits:
        return None
    if on.name == kinds.ROW:
        missing = name not in ("first", "unique", "mappings")  # columns may be called so
    elif (
        on.name == kinds.SCALARS
        and len(on.of) != 1
        and not _comes_from(operation, _GIVES_SCALARS, _HOLDERS | _RUNNERS)
    ):
        return None  # `exec()` of SQLModel gives rows of several columns
    elif on.name in _CALLED:
        missing = _is_in_none(operation, name)
    elif on.name == kinds.LIST:
        missing = _is_list(operation)
    else:
        return None
    if not missing or is_guarded(operation):
        return None
    return Missing(name, _CALLED.get(on.name, _LIST), on.name)


def _is_in_none(operation: Operation, name: str) -> bool:
    on = operation.on
    found = [catalog.load(version) for version in _VERSIONS]
    return all(one.member(on.name, on.is_async, name) is None for one in found) and any(
        one.has_members(on.name, on.is_async) for one in found
    )


def _is_list(operation: Operation) -> bool:
    """All rows of a result: what a plain list is, somebody may have a class of his own for."""
    return _comes_from(operation, _GIVES_LIST, _HOLDERS)


def _comes_from(operation: Operation, names: frozenset[str], on: frozenset[str]) -> bool:
    """On every way that is known, a method of this name of such an object gave it."""
    known = reader(operation.function.project)
    frame = known.frames.of(operation.function.label)
    here = operation.function.position(operation.op)
    if frame is None or here is None:
        return False
    makers = list(known.origins.makers(frame.on(here)))
    return bool(makers) and all(
        (op := made.frame.op(made.at)).do == "call"
        and op.name in names
        and op.on is not None
        and made.frame.on(made.at).kind.name in on
        for made in makers
    )
