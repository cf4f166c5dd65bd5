"""Which function a call calls, and which of its parameters each argument is for."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.catalog import kinds
from sqla_lint.ir import Arg, Function, Op
from sqla_lint.project.kind import FOREIGN, MODULE, NAME, UNKNOWN, Kind
from sqla_lint.project.knowledge import Knowledge

# What a call may pass something to: on anything else a method is nobody's of the project.
CALLABLE = frozenset(
    {NAME, FOREIGN, MODULE, kinds.CLASS, kinds.INSTANCE, kinds.MAPPED_CLASS, kinds.ENTITY}
)


def parameters(knowledge: Knowledge, op: Op, callee: Kind) -> Iterator[tuple[Arg, str | None]]:
    """The arguments of a call of a project function with the parameters they are for: None for
    starred ones, and for positional ones after them."""
    entry = knowledge.functions.get(callee.label)
    if entry is None:
        return
    _, function = entry
    position = bound(knowledge, callee, function)
    starred = False
    for arg in op.args:
        starred |= arg.star == 1
        name = arg.keyword
        if name is None and not arg.star and not starred:
            name = _positional(function, position)
            position += 1
        yield arg, name


def bound(knowledge: Knowledge, callee: Kind, function: Function) -> int:
    """How many parameters have their value before the call: ``self`` or ``cls``."""
    if function.decorators:
        for decorator in knowledge.decorators.get(callee.label, ()):
            if decorator.label == "builtins.classmethod":
                return 1  # of a class as of its objects
            if decorator.label == "builtins.staticmethod":
                return 0
    return 1 if callee.name == "METHOD" else 0


def called(knowledge: Knowledge, op: Op, on: Kind) -> Kind:
    """The function that a call calls: FUNCTION, METHOD (its first parameter is given), a library's
    NAME, or UNKNOWN."""
    callee = on
    if op.name is not None:
        if on.name not in CALLABLE:
            return UNKNOWN
        callee = knowledge.attribute(on, op.name)
    if callee.name == kinds.CLASS:
        label = knowledge.ask("method", callee.label, "__init__")
        return Kind("METHOD", label=label) if label is not None else callee
    return callee


def _positional(function: Function, position: int) -> str | None:
    params = [p for p in function.params if p.kind in ("positional", "normal")]
    return params[position].name if position < len(params) else None
