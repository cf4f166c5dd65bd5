"""Parameters that say nothing themselves: the kind on which all known callers agree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqla_lint.catalog import kinds
from sqla_lint.ir import Arg, Function, Op
from sqla_lint.project.infer import Typed
from sqla_lint.project.kind import MODULE, NAME, UNKNOWN, Kind, join
from sqla_lint.project.knowledge import Knowledge
from sqla_lint.project.linked import DATABASE_KINDS

# What a caller passes is asked for these kinds only: others decide nothing.
_HANDED_ON = DATABASE_KINDS - {kinds.COLUMN_EXPR, kinds.TEXT}


Passed = dict[tuple[str, str], Kind]  # (function label, parameter) → what calls pass for it


def agreed(passed: Iterable[Passed]) -> Passed:
    """Parameters for which every call in the project passes the same kind.

    It holds as far as the project is complete: a caller elsewhere may pass something else.
    """
    found: Passed = {}
    for one in passed:
        for key, kind in one.items():
            found[key] = join(found[key], kind) if key in found else kind
    return {
        key: kind._replace(owner="caller" if kind.owner else "")
        for key, kind in found.items()
        if kind.name in _HANDED_ON
    }


def passed_by(typed: Typed, knowledge: Knowledge) -> Passed:
    """What a function passes to functions of the project."""
    found: Passed = {}
    for number, block in enumerate(typed.function.blocks):
        for i, op in enumerate(block.ops):
            if op.do == "call" and len(typed.args[number][i]) == len(op.args):
                _note(knowledge, op, typed, (number, i), found)
    return found


def _note(
    knowledge: Knowledge,
    op: Op,
    typed: Typed,
    at: tuple[int, int],
    found: Passed,
) -> None:
    args = typed.args[at[0]][at[1]]
    callee = called(knowledge, op, typed.on[at[0]][at[1]])
    for (_, name), kind in zip(parameters(knowledge, op, callee), args, strict=False):
        if name is not None:
            key = (callee.label, name)
            found[key] = join(found[key], kind) if key in found else kind


def parameters(knowledge: Knowledge, op: Op, callee: Kind) -> Iterator[tuple[Arg, str | None]]:
    """The arguments of a call of a project function with the parameters they are for, up to the
    first starred one."""
    entry = knowledge.functions.get(callee.label)
    if entry is None:
        return
    _, function = entry
    position = 1 if callee.name == "METHOD" else 0
    for arg in op.args:
        if arg.star:
            return
        name = arg.keyword
        if name is None:
            name = _positional(function, position)
            position += 1
        yield arg, name


def called(knowledge: Knowledge, op: Op, on: Kind) -> Kind:
    """The function that a call calls: FUNCTION, METHOD (its first parameter is given), a library's
    NAME, or UNKNOWN."""
    callee = on
    if op.name is not None:
        if on.name not in (
            NAME,
            MODULE,
            kinds.CLASS,
            kinds.INSTANCE,
            kinds.MAPPED_CLASS,
            kinds.ENTITY,
            "FOREIGN",
        ):
            return UNKNOWN
        callee = knowledge.attribute(on, op.name)
    if callee.name == kinds.CLASS:
        label = knowledge.ask("method", callee.label, "__init__")
        return Kind("METHOD", label=label) if label is not None else callee
    return callee


def _positional(function: Function, position: int) -> str | None:
    params = [p for p in function.params if p.kind in ("positional", "normal")]
    return params[position].name if position < len(params) else None
