"""What a test of the class of an object tells on the ways that lead on from it."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.project.kind import EITHER, UNKNOWN, Kind

TOLD = frozenset({kinds.CONNECTION, kinds.ENGINE, kinds.SCOPED_SESSION, kinds.SESSION})


def narrowed(before: Kind, of: Kind, *, holds: bool) -> Kind | None:
    """An object after ``isinstance(x, C)``, where ``of`` is an object of ``C``; None where that
    says nothing new. Of a pair of twins the other one is left where it does not hold."""
    if of.name == EITHER:
        return of if holds and not before.known else None
    if of.name not in TOLD:
        return None
    if contradicts(before, of):
        return of._replace(owner="caller") if holds else before
    if before.name == EITHER:
        same = [one for one in before.of if (one.name, one.is_async) == (of.name, of.is_async)]
        other = [one for one in before.of if one not in same]
        return (same if holds else other)[0] if same and other else None
    return of._replace(owner="caller") if holds and not before.known else None


def contradicts(before: Kind, of: Kind) -> bool:
    """A program that asks whether a Connection is an Engine, or an Engine an AsyncEngine, is also
    given one, whatever the callers pass that are known."""
    both = before.name in TOLD and of.name in TOLD
    registry = kinds.SCOPED_SESSION in (before.name, of.name)  # which stands for its session
    return both and not registry and (before.name, before.is_async) != (of.name, of.is_async)


def may_be_asked(kind: Kind) -> bool:
    """Programs ask which of two such things they were given."""
    return kind.name in TOLD


def weakened(before: Kind, of: Kind, *, holds: bool) -> Kind | None:
    """The same of an object that is only taken to be what it is, for the sake of what is done with
    it elsewhere: there it has passed another test."""
    if holds and of.name != before.name:
        return of._replace(owner="caller") if of.name in TOLD else UNKNOWN
    return UNKNOWN if not holds and of.name == before.name else None
