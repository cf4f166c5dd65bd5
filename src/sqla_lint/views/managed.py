"""Sessions that a transaction manager of another library commits."""

from __future__ import annotations

from sqla_lint.project.kind import MODULE, NAME
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_project

# Source: zope.sqlalchemy documentation: `register(session)` joins the session to the transactions
# of the package `transaction`; pyramid_tm, repoze.tm2 and TurboGears commit those.
_JOINS = ("zope", "zope.sqlalchemy", "zope.sqlalchemy.")


@per_project
def joins_transactions(function: Function) -> bool:
    """A module of the project imports zope.sqlalchemy, which joins its sessions to transactions
    that something else commits."""
    return any(
        kind.name in (NAME, MODULE) and (kind.label in _JOINS or kind.label.startswith(_JOINS[-1]))
        for names in function.project.knowledge.globals.values()
        for kind in names.values()
    )
