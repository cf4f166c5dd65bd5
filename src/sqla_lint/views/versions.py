"""Where a program asks for the version of a library, and goes another way for another one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from typing import TypeAlias, TypeVar

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
    module, body = function.typed.module, function.typed.function
    tested = [
        (module, body, op.on)
        for block in body.blocks
        for op in block.ops
        if op.do in ("test", "ifelse")
    ]
    return _rest_on_version(function, tested)


def asks_version(function: Function) -> bool:
    """The file looks at the version of a library."""
    return any(
        (op.do == "getattr" and op.name == "__version__")
        or (op.do == "import" and op.args and "VERSION" in str(op.dst).upper())
        for other in function.typed.module.functions.values()
        for block in other.blocks
        for op in block.ops
    )


_Place: TypeAlias = tuple[Module, Body, "Operand | None"]


def _rest_on_version(function: Function, places: list[_Place]) -> bool:
    """Whether one of these is made of a version. Each is looked at once: what loops bind leads to
    itself on very many ways."""
    seen: set[tuple[str, str, str]] = set()
    bindings: dict[tuple[str, str], dict[str, list[Op]]] = {}
    for _ in range(STEPS):
        after: list[_Place] = []
        for module, scope, operand in places:
            where = (module.name, scope.qualname)
            if not isinstance(operand, str) or _is_of_another(operand):
                continue
            if (*where, operand) in seen:
                continue
            seen.add((*where, operand))
            if "VERSION" in operand.upper():
                return True
            if where not in bindings:
                bindings[where] = _bindings(scope)
            bound = bindings[where].get(operand, [])
            if not bound and scope is not module.body and operand not in scope.locals:
                after.append((module, module.body, operand))
            for op in bound:
                if _says_version(op):
                    if op.do == "import" or not _is_of_another(op.on):
                        return True
                    continue
                after += _made_of(function, module, scope, op)
        places = after
    return False


def _bindings(scope: Body) -> dict[str, list[Op]]:
    found: dict[str, list[Op]] = {}
    for block in scope.blocks:
        for op in block.ops:
            if op.dst is not None:
                found.setdefault(op.dst, []).append(op)
    return found


def _is_of_another(operand: Operand | None) -> bool:
    return str(operand).partition(".")[0] in _OTHERS


def _says_version(op: Op) -> bool:
    if op.do != "import":
        return op.do in ("getattr", "call") and "version" in (op.name or "").lower()
    name = op.args[0].value if op.args else None
    return isinstance(name, Const) and "VERSION" in str(name.value).upper()


def _made_of(function: Function, module: Module, scope: Body, op: Op) -> list[_Place]:
    """What the operation takes; of an import the name where it is imported from."""
    if op.do != "import":
        return [(module, scope, place) for place in (op.on, *(arg.value for arg in op.args))]
    name = op.args[0].value if op.args else None
    if not isinstance(name, Const) or not isinstance(name.value, str):
        return []
    other = function.project.knowledge.index.find(absolute(module, op.name or ""), module)
    return [] if other is None else [(other, other.body, name.value)]


def of_every_version(check: Callable[[Operation], Iterator[_R]]) -> Callable[..., Iterator[_R]]:
    """A rule on what another version has not, which is silent where a function decides by version:
    what is written there is for the other one."""

    @wraps(check)
    def told(operation: Operation) -> Iterator[_R]:
        for report in check(operation):
            if not decides_by_version(operation.function):
                yield report

    return told
