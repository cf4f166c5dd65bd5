"""Whether queries send what a session was handed, or leave that to flush and commit."""

from __future__ import annotations

from itertools import pairwise

from sqla_lint.flow.root import Root
from sqla_lint.ir import Const, Op
from sqla_lint.project.kind import MADE_BY, NO_AUTOFLUSH
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_project
from sqla_lint.views.transactions import reads_attribute

_OPTION = "autoflush"


def queries_flush(function: Function, root: Root) -> bool:
    """Queries of a session surely send what it was handed.

    Of a session that comes from elsewhere nobody knows which factory has made it: where some
    factory of the program turns autoflush off, that may be the one.
    """
    if NO_AUTOFLUSH in root.kind.traits or reads_attribute(function, "no_autoflush"):
        return False
    made_here = root.kind.owner == "local" or any(
        trait.startswith(MADE_BY) for trait in root.kind.traits
    )
    return made_here or not _some_flush_by_hand(function)


@per_project
def _some_flush_by_hand(function: Function) -> bool:
    """The program turns autoflush off somewhere, in a call or in a dictionary of options."""
    knowledge = function.project.knowledge
    return any(
        _turns_it_off(op)
        for module, code in knowledge.sayings.where(knowledge.index.modules.values(), _OPTION)
        if not knowledge.told.is_test(module.path)
        for block in code.blocks
        for op in block.ops
    )


def _turns_it_off(op: Op) -> bool:
    off = Const(False)
    if op.do == "call":
        return any(arg.keyword == _OPTION and arg.value == off for arg in op.args)
    if op.do == "setattr":
        return op.name == _OPTION and bool(op.args) and op.args[0].value == off
    if op.do == "pack" and op.name == "dict":
        values = [arg.value for arg in op.args]
        return any(key == Const(_OPTION) and value == off for key, value in pairwise(values))
    return False
