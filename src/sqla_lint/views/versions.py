"""Where a program asks for the version of a library, and goes another way for another one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import TypeVar

from sqla_lint.ir import Const, Module, Op, Operand
from sqla_lint.ir import Function as Body
from sqla_lint.project.index import absolute
from sqla_lint.views.function import Function, Operation
from sqla_lint.views.once import per_function

# A flag is made of a version in so many steps (attribute, split, index, `int`, compare, a name),
# and imported through one or two modules.
STEPS = 12
# Modules whose versions are not those of a library.
_OTHERS = frozenset({"platform", "sqlite3", "sys"})
_R = TypeVar("_R")


@per_function
def decides_by_version(function: Function) -> bool:
    """A branch of the function is taken by what is worked out from a version, or by a name that
    says version: the other is for another."""
    module = function.typed.module
    return any(
        _rests_on_version(function, module, function.typed.function, op.on, STEPS)
        for block in function.typed.function.blocks
        for op in block.ops
        if op.do in ("test", "ifelse")
    )


def asks_version(function: Function) -> bool:
    """The file looks at the version of a library."""
    return any(
        (op.do == "getattr" and op.name == "__version__")
        or (op.do == "import" and op.args and "VERSION" in str(op.dst).upper())
        for other in function.typed.module.functions.values()
        for block in other.blocks
        for op in block.ops
    )


def _rests_on_version(
    function: Function, module: Module, scope: Body, operand: Operand | None, steps: int
) -> bool:
    if not isinstance(operand, str) or steps == 0 or operand.partition(".")[0] in _OTHERS:
        return False
    if "VERSION" in operand.upper():
        return True
    bound = [op for block in scope.blocks for op in block.ops if op.dst == operand]
    if not bound and scope is not module.body and operand not in scope.locals:
        return _rests_on_version(function, module, module.body, operand, steps - 1)
    return any(_says_version(function, module, scope, op, steps - 1) for op in bound)


def _says_version(function: Function, module: Module, scope: Body, op: Op, steps: int) -> bool:
    if op.do == "import":
        return bool(op.args) and _imported(function, module, op, steps)
    if op.do in ("getattr", "call") and "version" in (op.name or "").lower():
        return str(op.on).partition(".")[0] not in _OTHERS
    return any(
        _rests_on_version(function, module, scope, place, steps)
        for place in (op.on, *(arg.value for arg in op.args))
    )


def _imported(function: Function, module: Module, op: Op, steps: int) -> bool:
    """The name is bound by what says a version, where it is imported from."""
    name = op.args[0].value
    if not isinstance(name, Const) or not isinstance(name.value, str):
        return False
    if "VERSION" in name.value.upper():
        return True
    dotted = absolute(module, op.name or "")
    other = function.project.knowledge.index.find(dotted, module)
    return other is not None and _rests_on_version(function, other, other.body, name.value, steps)


def of_every_version(check: Callable[[Operation], Iterator[_R]]) -> Callable[..., Iterator[_R]]:
    """A rule on what another version has not, which is silent where a function decides by version:
    what is written there is for the other one."""

    @wraps(check)
    def told(operation: Operation) -> Iterator[_R]:
        for report in check(operation):
            if not decides_by_version(operation.function):
                yield report

    return told
