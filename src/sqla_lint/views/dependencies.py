"""What the other dependencies of a route do to the session that it is given."""

from __future__ import annotations

from sqla_lint.flow.root import Root
from sqla_lint.project.kind import lenders
from sqla_lint.views.function import Function

_BEGINS = frozenset({"read", "write", "execute", "add", "flush"})
_ENDS = frozenset({"commit", "rollback", "close", "escape", "autocommit", "begin"})


def begun_by(function: Function, root: Root) -> str:
    """The dependency of a route that has run a statement on the route's own session before: a
    framework makes one session for a request, and gives it to all of them. "" for none."""
    session = lenders(root.kind)
    if function.entry != "route" or len(session) != 1:
        return ""
    for param in function.typed.function.params:
        given = function.typed.at_exit.get(param.name)
        for label in lenders(given) if given is not None and param.name != root.place else ():
            typed = function.project.typed.get(label)
            if label == session[0] or typed is None or typed.function.is_generator:
                continue
            for same in function.of(typed).handles(root.kind.name):
                if lenders(same.kind) != session:
                    continue
                done = function.effects.done_to(label, same.place, root.kind)
                if done & _BEGINS and not done & _ENDS:
                    return label
    return ""
