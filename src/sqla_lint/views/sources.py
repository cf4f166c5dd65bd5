"""Which table, class or alias a column is read of, however it is written."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.project.frames import Spot
from sqla_lint.project.kind import COLUMNS
from sqla_lint.project.texts import Reader

LINKS = 12  # names of names
_NAMED = frozenset({kinds.MAPPED_CLASS, kinds.TABLE})
_FROMS = _NAMED | {kinds.FROM_CLAUSE}


def source(known: Reader, there: Spot) -> str:
    """What a FROM is, in a way that two spots of the same one have in common: a class or its table
    by its label, an alias or a subquery by where it is made; "" when that cannot be told."""
    kind = there.kind
    if kind.name not in _FROMS:
        return ""
    if kind.name in _NAMED and kind.label and "alias" not in kind.traits:
        return kind.label
    makers = list(known.origins.makers(there))
    if len(makers) != 1 or makers[0].frame.op(makers[0].at).do != "call":
        return ""
    return f"{makers[0].frame.label}@{makers[0].ref}"


def read_of(known: Reader, column: Spot) -> Spot | None:
    """What an attribute is read of: for ``T.name`` and ``t.c.name`` the spot of ``T`` or ``t``."""
    there: Spot | None = column
    for _ in range(LINKS):
        there = _read(known, there) if there is not None else None
        if there is None or there.kind.name != COLUMNS:
            return there
    return None


def _read(known: Reader, one: Spot) -> Spot | None:
    """What ``one.name`` is read of, when it is one attribute on every way."""
    for _ in range(LINKS):
        if not isinstance(one.operand, str):
            return None
        frame = one.frame
        found = frame.graph.definitions(one.operand, one.at, known.origins.admits(frame))
        if found.entry and not found.positions and one.operand in frame.given:
            one = frame.given[one.operand]
            continue
        if len(found.positions) != 1 or found.entry:
            return None
        at = found.positions[0]
        op = frame.op(at)
        if op.do not in ("getattr", "move"):
            return None
        if op.do == "getattr":
            return frame.on(at)
        one = frame.on(at)
    return None


def column_source(known: Reader, column: Spot) -> str:
    """The FROM that a column is read of, as `source` tells it."""
    owner = read_of(known, column)
    return source(known, owner) if owner is not None else ""
