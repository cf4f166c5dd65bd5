"""Sessions that a transaction manager of another library commits."""

from __future__ import annotations

from sqla_lint.catalog.objects import BY_MANAGER, OBJECTS
from sqla_lint.project.kind import MODULE, NAME, Kind
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_project

# Source: zope.sqlalchemy documentation: `register(session)` joins the session to the transactions
# of the package `transaction`; pyramid_tm, repoze.tm2 and TurboGears commit those.
_JOINS = ("zope", "zope.sqlalchemy", "zope.sqlalchemy.")


@per_project
def joins_transactions(function: Function) -> bool:
    """A module of the project imports zope.sqlalchemy, which joins its sessions to transactions
    that something else commits, or a session that a library has joined."""
    return any(
        _joins(kind)
        for names in function.project.knowledge.globals.values()
        for kind in names.values()
    )


def _joins(kind: Kind) -> bool:
    if kind.name not in (NAME, MODULE):
        return BY_MANAGER in kind.traits
    given = OBJECTS.get(kind.label)
    return (
        kind.label in _JOINS
        or kind.label.startswith(_JOINS[-1])
        or (given is not None and BY_MANAGER in given.traits)
    )
