"""Where the project spells a name, whatever it stands for there: good for silence only."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.ir import Block, Const, Module, Op
from sqla_lint.ir import Function as Code
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_project

# Operations that name a function without using it: its definition is one.
_NAMING = frozenset({"closure", "import"})


def mentions(function: Function, name: str) -> Iterator[tuple[Module, Code, Block, Op]]:
    """Where the project, tests aside, says the name of a function or of a global, but for
    definitions and imports."""
    for module, code in _saying(function).get(name, ()):
        for block in code.blocks:
            for op in block.ops:
                if op.do not in _NAMING and name in _words(op):
                    yield module, code, block, op


@per_project
def _saying(function: Function) -> dict[str, list[tuple[Module, Code]]]:
    """The functions that say a name, of all names that somebody may ask for: many rules ask, and a
    project is long."""
    modules = function.project.knowledge.index.modules.values()
    names = {name for module in modules for name in module.body.locals}
    names |= {
        code.qualname.rpartition(".")[2] for one in modules for code in one.functions.values()
    }
    found: dict[str, list[tuple[Module, Code]]] = {}
    for module in modules:
        if function.project.knowledge.told.is_test(module.path):
            continue
        for code in module.functions.values():
            ops = (op for block in code.blocks for op in block.ops if op.do not in _NAMING)
            for name in {word for op in ops for word in _words(op)} & names:
                found.setdefault(name, []).append((module, code))
    return found


def _words(op: Op) -> Iterator[str]:
    """What an operation names: the last part of a dotted name, and a text that may be a name."""
    for one in (op.name, op.on, *[arg.value for arg in op.args]):
        text = one.value if isinstance(one, Const) else one
        if isinstance(text, str):
            yield text if isinstance(one, Const) else text.rpartition(".")[2]
