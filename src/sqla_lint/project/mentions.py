"""What the code of a project, beside its class bodies, does with names: cheap, and by name only.

Good for silence: where no name of the sort is found, a thing surely does not happen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqla_lint.ir import Ann, Const, Function, Module, Op
from sqla_lint.project.facts import Facts

# Methods that change a list, dict or set in place.
CHANGING = frozenset(
    {"append", "extend", "insert", "remove", "pop", "clear", "update", "setdefault", "popitem"}
    | {"sort", "reverse", "add", "discard"}
)


def mentioned(modules: Iterable[Module], facts: Facts) -> dict[str, frozenset[str]]:
    """The modules whose functions read a name, or annotate a parameter with it, by name."""
    found: dict[str, set[str]] = {}
    for module in modules:
        for name in facts.of(module, "mentioned", _read_in):
            found.setdefault(name, set()).add(module.name)
    return {name: frozenset(where) for name, where in found.items()}


def _read_in(module: Module) -> set[str]:
    return {name for function in _functions((module,)) for name in _read(function)}


def _read(function: Function) -> Iterator[str]:
    for param in function.params:
        if param.ann is not None:
            yield from _names(param.ann)
    for op in _ops(function):
        for operand in (op.on, *(arg.value for arg in op.args)):
            if isinstance(operand, str):
                yield from operand.split(".")
        if op.name is not None and op.do == "getattr":
            yield op.name
        if op.on == "getattr" and len(op.args) > 1 and isinstance(op.args[1].value, Const):
            yield str(op.args[1].value.value)


def _functions(modules: Iterable[Module]) -> Iterator[Function]:
    for module in modules:
        yield from (one for one in module.functions.values() if one.kind != "class")


def _ops(function: Function) -> Iterator[Op]:
    return (op for block in function.blocks for op in block.ops)


def _names(ann: Ann) -> Iterator[str]:
    yield from ann.name.split(".")
    for one in ann.args:
        yield from _names(one)
