"""Whether sessions expire with their commits whose factory a function knows by its type only."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.flow.origins import Session
from sqla_lint.project.kind import EXPIRY, Kind
from sqla_lint.project.linked import Project
from sqla_lint.views.function import Function

_SETTING = "expire_on_commit"


def expiry(function: Function, session: Session) -> Kind:
    """The kind of a session. One that an unknown factory makes expires when all the factories that
    the project makes do: it is one of them."""
    kind, made = session.kind, session.made
    if not kind.is_async or made is None or kind.traits & (EXPIRY | {"unknown-class"}):
        return kind
    if any(arg.star or arg.keyword == _SETTING for arg in made.args):
        return kind
    position = function.position(made)
    by = function.typed.on[position[0]][position[1]] if position is not None else kind
    if made.do != "call" or made.name is not None or by.name != kinds.SESSION_FACTORY:
        return kind
    known = function.effects.kept
    if _SETTING not in known:
        known[_SETTING] = _all_expire(function.project)
    return kind._replace(traits=kind.traits | {"expires"}) if known[_SETTING] else kind


def _all_expire(project: Project) -> bool:
    found = False
    for typed in project.typed.values():
        if kinds.SESSION_FACTORY not in typed.present:
            continue
        test = project.knowledge.told.is_test(typed.module.path)
        for number, block in enumerate(typed.function.blocks):
            for i, op in enumerate(block.ops):
                on, made = typed.on[number][i], typed.dst[number][i]
                if op.do != "call":
                    continue
                if on.name == kinds.SESSION_FACTORY and op.name == "configure":
                    return False
                if made.name == kinds.SESSION_FACTORY and made.is_async:
                    if "expires" not in made.traits:
                        return False
                    found = found or not test
    return found
