"""Places that run once, and are given the time it takes: migrations, commands of a command line,
what sets an application up, and what only these call."""

from __future__ import annotations

from sqla_lint.ir import Function as Code
from sqla_lint.ir import Module
from sqla_lint.project.entry import entry
from sqla_lint.project.reach import is_endless
from sqla_lint.views.alone import is_hook
from sqla_lint.views.function import Function
from sqla_lint.views.loopstatements import in_migration
from sqla_lint.views.once import per_function
from sqla_lint.views.scripts import is_command_code
from sqla_lint.views.spelled import mentions
from sqla_lint.views.tables import takers

# Callers of callers are followed no further than this.
CALLERS = 3


@per_function
def is_cold(function: Function) -> bool:
    """The function runs in such places alone, as far as the project shows."""
    if in_migration(function):
        return True
    if function.reached_from:
        return False
    return _runs_once(function, function.typed.module, function.typed.function, CALLERS)


def _runs_once(function: Function, module: Module, code: Code, callers: int) -> bool:
    if code.kind == "module":
        return True
    if is_endless(code):
        return False
    label = f"{module.name}:{code.qualname}"
    if is_command_code(function, module, code.qualname) or is_hook(function, label):
        return True
    if not callers or code.decorators or entry(module, code, function.project.knowledge):
        return False
    found, name = False, code.qualname.rpartition(".")[2]
    for there, other, _, op in mentions(function, name):
        named = any(arg.value == code.qualname for arg in op.args)
        calling = [(there, other)]
        if op.do != "call" or named:
            calling = takers(function, there, other, op, name)
        if not calling or not all(_runs_once(function, *one, callers - 1) for one in calling):
            return False
        found = True
    return found
