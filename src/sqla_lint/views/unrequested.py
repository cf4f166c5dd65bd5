"""Fixtures of pytest that no test asks for: they never run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqla_lint.ir import MODULE_BODY, Const, Module, Op
from sqla_lint.ir import Function as Code
from sqla_lint.project.fixtures import called_as
from sqla_lint.project.spoken import texts_in
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_project

_WORD = re.compile(r"[A-Za-z_]\w*")
_ASKING = "getfixturevalue"


def is_unrequested(function: Function) -> bool:
    """A fixture of a test file whose name no test and no fixture that is asked for has among its
    parameters, and no text in tests says: `usefixtures("database")`."""
    return function.entry == "fixture" and function.label in _unrequested(function)


@per_project
def _unrequested(function: Function) -> frozenset[str]:
    knowledge = function.project.knowledge
    fixtures: dict[str, str] = {}
    asked: set[str] = set()
    waiting: dict[str, set[str]] = {}  # what a fixture asks for, as soon as it is asked for
    tests = False
    marks: dict[int, set[str]] = {}  # the decorators of fixtures, which say their own names
    for label, (module, code) in knowledge.functions.items():
        if not knowledge.told.is_test(module.path):
            continue
        name = called_as(label, knowledge.decorators.get(label, ()))
        params = {param.name for param in code.params}
        if name is not None:
            outer = module.functions.get(code.parent or MODULE_BODY)
            marks.setdefault(id(outer), set()).update(map(str, code.decorators))
        if name is None:
            asked |= params
            tests = tests or code.qualname.rpartition(".")[2].startswith("test")
        elif _always_runs(module, code):
            asked |= params
        else:
            fixtures[label] = name.rpartition(".")[2]
            waiting[label] = params
    for module, code in knowledge.functions.values():
        if not knowledge.told.is_test(module.path):
            continue
        for op in _ops(code):
            if op.name == _ASKING and not all(isinstance(arg.value, Const) for arg in op.args):
                return frozenset()  # by a name that is put together
            if op.dst not in marks.get(id(code), ()):
                for text in texts_in(op):
                    asked.update(_WORD.findall(text))
    moved = tests
    while moved:
        found = [label for label in waiting if fixtures[label] in asked]
        for label in found:
            asked |= waiting.pop(label)
        moved = bool(found)
    return frozenset(waiting) if tests else frozenset()


def _always_runs(module: Module, code: Code) -> bool:
    """`@fixture(autouse=True)`."""
    outer = module.functions.get(code.parent or MODULE_BODY)
    return outer is None or any(
        op.dst in code.decorators
        and any(arg.keyword in ("autouse", None) and arg.value != Const(False) for arg in op.args)
        for op in _ops(outer)
        if op.do == "call"
    )


def _ops(code: Code) -> Iterator[Op]:
    for block in code.blocks:
        yield from block.ops
