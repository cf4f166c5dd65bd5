"""Modules that no run of a program loads: nothing imports them, and nothing can.

Theirs is a name that `import` cannot say (``models copy.py``), or they import from another module
of the project what that does not have.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePath

from sqla_lint.ir import ENTRY, MODULE_BODY, RAISED, Const, Module, Op
from sqla_lint.project.entry import is_script
from sqla_lint.project.imports import Imports
from sqla_lint.project.index import Index, absolute

_NO_NAME = re.compile(r"\s")
# What gives a module names that its body does not bind.
_NAMING = frozenset({"globals", "setattr", "exec", "vars"})


def unimportable(imports: Imports, paths: Iterable[str]) -> frozenset[str]:
    """The files of these that only a mistake would load."""
    wanted = frozenset(paths)
    found = set[str]()
    for module in imports.index.modules.values():
        if module.path not in wanted or not _is_broken(imports.index, module):
            continue
        if imports.by_name() or imports.leading_to(module.name) != {module.name}:
            continue
        found.add(module.path)
    return frozenset(found)


def _is_broken(index: Index, module: Module) -> bool:
    if _NO_NAME.search(PurePath(module.path).stem):
        return not is_script(module)
    return any(_misses(index, module, op) for op in _always(module))


def _always(module: Module) -> Iterator[Op]:
    """The imports that come first whenever a module is loaded: before any test or loop, in no
    `try`."""
    blocks, number = module.body.blocks, ENTRY
    seen = set[int]()
    while number not in seen:
        seen.add(number)
        block = blocks[number]
        if block.exc == RAISED and not block.handlers:
            yield from (op for op in block.ops if op.do == "import")
        if len(block.edges) != 1:
            return
        number = block.edges[0].to


def _misses(index: Index, module: Module, op: Op) -> bool:
    """``from app.models import Task``, and that module binds no `Task`."""
    if op.name is None or not op.args or not isinstance(op.args[0].value, Const):
        return False
    name, dotted = str(op.args[0].value.value), absolute(module, op.name)
    other = index.modules.get(dotted)
    if other is None or other is module or name == "*" or not other.is_read:
        return False
    if name in other.body.locals or index.find(f"{dotted}.{name}", module) is not None:
        return False
    if f"{dotted}.{name}" in index.packages or f"{dotted}@1" in index.modules:
        return False
    for function in other.functions.values():
        if any(op.do == "call" and op.on in _NAMING for b in function.blocks for op in b.ops):
            return False
        if name in function.globals or function.qualname == "__getattr__":
            return False
    return not any(
        one.do == "import" and any(arg.value == Const("*") for arg in one.args)
        for block in other.functions[MODULE_BODY].blocks
        for one in block.ops
    )
