"""Objects whose engine somebody else has made: it may be one on AUTOCOMMIT."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.flow.root import Root
from sqla_lint.ir import Operand
from sqla_lint.project.kind import Kind
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_project

_LENDING = frozenset({kinds.ENGINE, kinds.SESSION_FACTORY})


def may_autocommit(function: Function, root: Root) -> bool:
    """The object is made on an engine that the function is given, or finds in an attribute, and the
    project hands about an engine that is made on AUTOCOMMIT: it may be this one."""
    if root.kind.label or root.position[0] < 0:
        return False
    op = function.op(root.position)
    number, i = root.position
    typed = function.typed
    if op.do != "call":
        return False
    args = zip(op.args, typed.args[number][i], strict=False)
    engines: list[Operand | None] = [arg.value for arg, kind in args if kind.name in _LENDING]
    if typed.on[number][i].name in _LENDING:
        engines.append(op.on)
    of_object = typed.on[number][i].name == kinds.INSTANCE  # `self.factory()`
    given = {param.name for param in typed.function.params}
    theirs = of_object or any(
        isinstance(place, str) and (place in given or "." in place or _is_read(function, place))
        for place in engines
    )
    return theirs and hands_autocommit_about(function)


def _is_read(function: Function, place: str) -> bool:
    made = function.maker(place)
    return made is not None and made.op.do == "getattr"


@per_project
def hands_autocommit_about(function: Function) -> bool:
    """Some function returns an engine on AUTOCOMMIT, keeps it, or calls another one with it."""
    return any(
        any(map(_is_one, given))
        for typed in function.project.typed.values()
        if kinds.ENGINE in typed.present
        for number, block in enumerate(typed.function.blocks)
        for i, op in enumerate(block.ops)
        for given in _given_away(op.do, typed.on[number][i], typed.args[number][i])
    )


def _given_away(do: str, on: Kind, args: tuple[Kind, ...]) -> tuple[tuple[Kind, ...], ...]:
    if do == "return":
        return ((on,),)
    if do == "setattr" or (do == "call" and on.name in (kinds.FUNCTION, kinds.CLASS)):
        return (args,)
    return ()


def _is_one(kind: Kind) -> bool:
    return kind.name == kinds.ENGINE and "autocommit" in kind.traits
