"""Which handler an exception reaches: what SQLAlchemy's operations raise against what is caught."""

from __future__ import annotations

from enum import Enum

from sqla_lint.ir import Ann, Handler

DATABASE = "database"  # a statement, flush or commit failed: SQLAlchemyError and its kin
ANY = "any"  # some other operation raised: nobody knows what


class Match(Enum):
    """Whether a handler takes an exception."""

    NO = 0
    MAYBE = 1
    YES = 2


_ALL = frozenset({"Exception", "BaseException"})
# What every failing statement is (docs: "Core Exceptions"); subclasses take only some failures.
_EVERY_FAILURE = frozenset({"SQLAlchemyError", "StatementError", "DBAPIError", "DatabaseError"})
_SOME_FAILURES = frozenset(
    {
        "IntegrityError",
        "OperationalError",
        "ProgrammingError",
        "DataError",
        "InternalError",
        "InterfaceError",
        "NotSupportedError",
        "PendingRollbackError",
        "StaleDataError",
        "FlushError",
        "ResourceClosedError",
        "DisconnectionError",
        "Error",
        "CancelledError",
    }
)


def match(family: str, handler: Handler) -> Match:
    """Whether ``handler`` takes an exception of ``family``.

    A type that is no database exception does not take a database failure: SQLAlchemy wraps what
    its drivers raise, and projects do not raise their own exceptions from inside it.
    """
    if not handler.types:
        return Match.YES
    best = Match.NO
    for ann in _flat(handler.types):
        name = ann.name.rpartition(".")[2]
        if ann.kind != "name":
            best = Match.MAYBE if best is Match.NO else best
        elif name in _ALL:
            return Match.YES
        elif family == ANY:
            best = Match.MAYBE
        elif name in _EVERY_FAILURE:
            return Match.YES
        elif name in _SOME_FAILURES:
            best = Match.MAYBE
    return best


def _flat(types: tuple[Ann, ...]) -> list[Ann]:
    out: list[Ann] = []
    for ann in types:
        out.extend(_flat(ann.args) if ann.kind == "tuple" else (ann,))
    return out
