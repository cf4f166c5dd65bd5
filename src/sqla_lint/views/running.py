"""Ways that a coroutine, and what it calls, never goes: handlers of "no running event loop", and
branches of what nobody sets."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.ir import Block, Const, Op
from sqla_lint.project.flags import Flags, Way
from sqla_lint.project.infer import Typed
from sqla_lint.project.kind import FOREIGN, NAME, Kind, dotted_label
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_project

# They raise RuntimeError where no loop runs, and only there.
_ASKS = frozenset(
    f"asyncio.{name}" for name in ("create_task", "get_running_loop", "current_task", "all_tasks")
)
# They raise it where one runs.
_REFUSED = frozenset({"run", "run_until_complete", "run_forever"})


def shut(typed: Typed) -> frozenset[Way]:
    """The handlers that only run without an event loop: ``except RuntimeError`` around
    ``asyncio.create_task()``."""
    blocks = typed.function.blocks
    asking = {
        block.exc
        for block, on in zip(blocks, typed.on, strict=False)
        if any(map(_asks, block.ops, on))
    }
    return frozenset(
        (number, handler.to)
        for number in asking
        for handler in blocks[number].handlers
        if handler.types
        and all(one.name == "RuntimeError" for one in handler.types)
        and not any(_may_raise(one) for one in blocks if one.exc == number)
    )


def _asks(op: Op, on: Kind) -> bool:
    if op.do != "call" or on.name not in (NAME, FOREIGN):
        return False
    return dotted_label(on, op.name) in _ASKS


def _may_raise(block: Block) -> bool:
    """It raises RuntimeErrors of another sort."""
    return any(
        op.do in ("await", "raise", "enter")
        or (op.do == "call" and (op.name in _REFUSED or op.on in _REFUSED))
        for op in block.ops
    )


def unset(function: Function) -> Flags:
    """The parameters that keep their constant default, because the program calls the function, or
    one of that name, and never gives them."""
    code = function.typed.function
    rebound = {op.dst for block in code.blocks for op in block.ops}
    tested = {
        edge.test.place for block in code.blocks for edge in block.edges if edge.test is not None
    }
    flags = {
        param.name: bool(param.default.value)
        for param in code.params
        if isinstance(param.default, Const) and param.name in tested - rebound
    }
    if not flags or code.decorators or function.entry:
        return frozenset()
    names = [param.name for param in code.params]
    if code.parent in function.typed.module.classes:
        del names[:1]
    name = code.qualname.rpartition(".")[2]
    if name in _handed_on(function):
        return frozenset()
    calls = _calls(function).get(name, ())
    given = {one for op in calls for one in _given(op, names)}
    return frozenset((flag, truth) for flag, truth in flags.items() if calls and flag not in given)


def _given(op: Op, names: list[str]) -> Iterator[str]:
    """The parameters that a call may give."""
    for i, arg in enumerate(op.args):
        if arg.star:
            yield from names
        elif arg.keyword is not None:
            yield arg.keyword
        else:
            yield from names[i : i + 1]


@per_project
def _calls(function: Function) -> dict[str, list[Op]]:
    """All calls of the program by the last word of what they call."""
    found: dict[str, list[Op]] = {}
    for op in _ops(function):
        if op.do == "call":
            found.setdefault(_word(op.name or op.on), []).append(op)
    return found


@per_project
def _handed_on(function: Function) -> set[str]:
    """The last words of what is read without being called: whoever gets it may call it."""
    return {
        word
        for op in _ops(function)
        for word in (
            op.name if op.do == "getattr" else None,
            *(_word(arg.value) for arg in op.args if op.do != "closure"),
            _word(op.on) if op.do in ("move", "return") else None,
        )
        if word
    }


def _ops(function: Function) -> Iterator[Op]:
    for _, code in function.project.knowledge.functions.values():
        for block in code.blocks:
            yield from block.ops


def _word(operand: object) -> str:
    return operand.rpartition(".")[2] if isinstance(operand, str) else ""
