"""Private functions that nothing calls any more: what is wrong in them happens to nobody."""

from __future__ import annotations

from sqla_lint.catalog import kinds
from sqla_lint.ir import Const
from sqla_lint.project.classes import PLAIN_BASES
from sqla_lint.project.entry import is_own
from sqla_lint.project.knowledge import Knowledge
from sqla_lint.project.spoken import is_mentioned
from sqla_lint.views.function import Function


def is_forsaken(function: Function) -> bool:
    """A function of a module, or a method, whose name begins with an underscore and stands nowhere
    else in the project. Not one that a base outside of the project, or a name that is put together,
    may call."""
    code, module = function.typed.function, function.typed.module
    if code.kind != "def" or code.decorators or "<locals>" in code.qualname or not is_own(code):
        return False
    if code.parent in module.classes and not is_all_known(
        function.project.knowledge, function.label
    ):
        return False
    modules = function.project.knowledge.index.modules.values()
    name = code.qualname.rpartition(".")[2].partition("#")[0]
    return not _asks_by_name(function) and not is_mentioned(modules, name, code)


def is_all_known(knowledge: Knowledge, label: str) -> bool:
    """Every class above that of a method, and every class below, is of the project or plain."""
    owner = label.rpartition(".")[0]
    return all(
        base.name in (kinds.CLASS, kinds.MAPPED_CLASS) or base.label in PLAIN_BASES
        for info in knowledge.classes.ancestry(owner)
        for base in info.bases
    )


def _asks_by_name(function: Function) -> bool:
    """Some code of the module asks an object for what it has not written down."""
    return any(
        op.do == "call"
        and op.on == "getattr"
        and len(op.args) > 1
        and not isinstance(op.args[1].value, Const)
        for code in function.typed.module.functions.values()
        for block in code.blocks
        for op in block.ops
    )
