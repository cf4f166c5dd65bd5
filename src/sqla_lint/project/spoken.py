"""Whether any code of a project says a name: calls it, reads it, hands it on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqla_lint.ir import Const, Function, Module, Op
from sqla_lint.project.bodies import may_say


def is_said(modules: Iterable[Module], word: str, but: Function) -> bool:
    """Some code, beside one function, reads a name. An import only passes it along, and so does a
    text: `__all__`."""
    return any(word in names_in(op) for op in _saying(modules, word, but) if op.do != "import")


def is_mentioned(modules: Iterable[Module], word: str, but: Function) -> bool:
    """The same, with imports and texts that hold it: ``getattr(self, "_load")``."""
    return any(
        word in names_in(op) or any(word in text for text in texts_in(op))
        for op in _saying(modules, word, but)
    )


def _saying(modules: Iterable[Module], word: str, but: Function) -> Iterator[Op]:
    for module in modules:
        for function in module.functions.values():
            if function is not but and may_say(function, word):
                for block in function.blocks:
                    yield from block.ops


def names_in(op: Op) -> set[str]:
    """The names that an operation says, each part of a dotted one."""
    found = {
        name
        for operand in (op.on, *(arg.value for arg in op.args))
        if isinstance(operand, str)
        for name in operand.split(".")
    }
    if op.name is not None and op.do in ("call", "getattr", "import"):
        found.update(op.name.split("."))
    return found


def texts_in(op: Op) -> Iterator[str]:
    """The texts that are written in it."""
    for operand in (op.on, *(arg.value for arg in op.args)):
        if isinstance(operand, Const) and isinstance(operand.value, str):
            yield operand.value
