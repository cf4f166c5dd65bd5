"""Where a name of a module is made: through the modules that only hand it on."""

from __future__ import annotations

from sqla_lint.ir import Const, Module, Op
from sqla_lint.project.index import Index, absolute, within

# How many modules may hand a name on (import cycles).
CHAIN_LIMIT = 12


def made_in(index: Index, dotted: str, asked_from: Module) -> tuple[Module, str] | None:
    """The module that binds what an absolute dotted name leads to, and the name it has there; None
    when that is not one variable of a module of the project."""
    for _ in range(CHAIN_LIMIT):
        found = index.resolve(dotted, asked_from)
        if found is None or len(found[1]) != 1:
            return None
        module, (name,) = found
        further = _handed_on(module, name)
        if further is None:
            return module, name
        dotted, asked_from = further, module
    return None


def _handed_on(module: Module, name: str) -> str | None:
    """The dotted name that a module imports as ``name``, when that is all it does with it."""
    bound = [
        op
        for block in module.body.blocks
        for op in block.ops
        if op.dst == name and op.do != "getattr"
    ]
    if len(bound) != 1 or bound[0].do != "import":
        return None
    return imported_name(module, bound[0])


def imported_name(module: Module, op: Op) -> str | None:
    """The absolute name that ``from a import b`` imports."""
    if op.name is None or not op.args or not isinstance(op.args[0].value, Const):
        return None
    return within(absolute(module, op.name), str(op.args[0].value.value))
