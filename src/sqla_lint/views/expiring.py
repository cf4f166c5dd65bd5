"""Whether sessions expire with their commits whose factory a function knows by its type only."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.flow.origins import Session
from sqla_lint.ir import Op
from sqla_lint.project.infer import Typed
from sqla_lint.project.kind import EXPIRY, MADE_BY, Kind
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_project

_SETTING = "expire_on_commit"
# Sessions of classes that may say it themselves.
_UNLIKE = frozenset({"subclass", "unknown-class"})
_MAKING = frozenset({kinds.SESSION, kinds.SESSION_FACTORY})
_NOTHING: frozenset[str] = frozenset()


def expiry(function: Function, session: Session) -> Kind:
    """The kind of a session. One that an unknown factory makes, or that the caller gives and nobody
    knows, expires when all the sessions that the project makes do: it is one of them."""
    kind, made = session.kind, session.made
    if not kind.is_async or kind.traits & (EXPIRY | _UNLIKE):
        return kind
    if made is None:
        by_project = kind.owner == "caller" and session.unit is None
    else:
        by_project = _is_of_factory(function, made)
    return kind._replace(traits=kind.traits | expires(function)) if by_project else kind


def _is_of_factory(function: Function, made: Op) -> bool:
    if any(arg.star or arg.keyword == _SETTING for arg in made.args):
        return False
    position = function.position(made)
    if position is None or made.do != "call" or made.name is not None:
        return False
    return function.typed.on[position[0]][position[1]].name == kinds.SESSION_FACTORY


@per_project
def expires(function: Function) -> frozenset[str]:
    """What is to be said of a session that is one of those that the project makes: that it expires,
    when all of them do; and by which factory it is made, when there is but one."""
    makers = set[str]()
    for typed in function.project.typed.values():
        if typed.present.isdisjoint(_MAKING):
            continue
        test = function.project.knowledge.told.is_test(typed.module.path)
        for number, block in enumerate(typed.function.blocks):
            for i, op in enumerate(block.ops):
                on, made = typed.on[number][i], typed.dst[number][i]
                if op.do == "setattr" and op.name == _SETTING:
                    return _NOTHING
                if op.do != "call":
                    continue
                if on.name == kinds.SESSION_FACTORY and op.name == "configure":
                    return _NOTHING
                if made.name not in _MAKING or not made.is_async:
                    continue
                if "no-expire" in made.traits:
                    return _NOTHING
                if made.name == kinds.SESSION_FACTORY:
                    if "expires" not in made.traits:
                        return _NOTHING
                    if not test:
                        makers.add(_kept_as(typed, op))
    if not makers:
        return _NOTHING
    only = makers.pop() if len(makers) == 1 else ""
    return frozenset({"expires", f"{MADE_BY}{only}"} if only else {"expires"})


def _kept_as(typed: Typed, made: Op) -> str:
    """The ``module:variable`` of a factory; "" for one that is no variable of a module."""
    body = typed.function is typed.module.body
    kept = [
        op.dst
        for block in typed.function.blocks
        for op in block.ops
        if op.do == "move" and op.on == made.dst and body
    ]
    return f"{typed.module.name}:{kept[0]}" if len(kept) == 1 else ""
