"""Where the project spells a name, whatever it stands for there: good for silence only."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.ir import Block, Const, Module, Op
from sqla_lint.ir import Function as Code
from sqla_lint.project.bodies import may_say
from sqla_lint.views.function import Function

# Operations that name a function without using it: its definition is one.
_NAMING = frozenset({"closure", "import"})


def mentions(function: Function, name: str) -> Iterator[tuple[Module, Code, Block, Op]]:
    """Where the project, tests aside, says a name, but for definitions and imports."""
    knowledge = function.project.knowledge
    for module in knowledge.index.modules.values():
        if knowledge.told.is_test(module.path):
            continue
        for code in module.functions.values():
            if not may_say(code, name):
                continue
            for block in code.blocks:
                for op in block.ops:
                    if op.do not in _NAMING and _says(op, name):
                        yield module, code, block, op


def _says(op: Op, name: str) -> bool:
    texts = (op.name, op.on, *(arg.value for arg in op.args))
    return any(
        (isinstance(one, str) and one.rpartition(".")[2] == name) or one == Const(name)
        for one in texts
    )
