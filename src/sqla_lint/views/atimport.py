"""Functions of a program that run while its modules are loaded, and at no other time."""

from __future__ import annotations

from sqla_lint.ir import RAISED, Module
from sqla_lint.ir import Function as Code
from sqla_lint.project.entry import entry
from sqla_lint.views.function import Function
from sqla_lint.views.inprograms import in_programs
from sqla_lint.views.once import per_function
from sqla_lint.views.spelled import mentions

# Callers of callers are followed no further than this.
CALLERS = 4


@per_function
def fails_import(function: Function) -> bool:
    """What the function raises ends the import of a module of the program, and the program with
    it: module bodies alone call it, themselves or by way of others, and nobody catches anything."""
    typed = function.typed
    if typed.module.name not in in_programs(function) or function.reached_from:
        return False
    return typed.function.kind == "def" and _fails(function, typed.module, typed.function, CALLERS)


def _fails(function: Function, module: Module, code: Code, callers: int) -> bool:
    if code.kind == "module":
        return True
    if not callers or code.decorators or entry(module, code, function.project.knowledge):
        return False
    found, name = False, code.qualname.rpartition(".")[2]
    for there, other, block, op in mentions(function, name):
        called = op.do == "call" and name in (op.name, op.on)
        if not called or any(arg.value == name for arg in op.args) or block.exc != RAISED:
            return False
        if not _fails(function, there, other, callers - 1):
            return False
        found = True
    return found
