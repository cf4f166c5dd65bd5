"""Mapped classes that no run of the program loads, and classes of which it makes no rows."""

from __future__ import annotations

from sqla_lint.ir import Const, Module
from sqla_lint.project.index import Index, absolute
from sqla_lint.project.mapping import Model as Mapped
from sqla_lint.project.surroundings import defined_elsewhere
from sqla_lint.project.values import typing_blocks
from sqla_lint.views.makings import objects_made
from sqla_lint.views.model import Model
from sqla_lint.views.project import Project


def is_never_loaded(model: Model) -> bool:
    """No module imports the one that defines a class, other than for its annotations, while others
    of the same base are imported: a class that is not loaded configures no mapper."""
    models, own = model.models, model.facts
    index, imports = models.imports.index, models.imports
    module = index.modules.get(own.module)
    if module is None or module.is_package or imports.by_name() or _is_imported(model, own.module):
        return False
    if any(function.kind == "def" for function in module.functions.values() if not function.parent):
        return False  # a script, perhaps
    others = {one.module for one in models.models.values() if one.base == own.base} - {own.module}
    if not any(_is_imported(model, other) for other in others):
        return False
    paths = {one.path for one in index.modules.values() if one.is_read}
    return not defined_elsewhere(model.name, own.path, paths)


def _is_imported(model: Model, name: str) -> bool:
    """Some other module imports this one when it runs."""
    imports = model.models.imports
    return any(
        name in imports.direct(other.name) and name in _loaded(imports.index, other)
        for other in imports.index.modules.values()
        if other.name != name
    )


def _loaded(index: Index, module: Module) -> set[str]:
    """The modules that a module imports, what stands under `if TYPE_CHECKING:` left out."""
    found: set[str] = set()
    for function in module.functions.values():
        hidden = typing_blocks(function)
        for number, block in enumerate(function.blocks):
            for op in block.ops if number not in hidden else ():
                if op.do != "import" or op.name is None:
                    continue
                dotted = absolute(module, op.name)
                names = [dotted]
                if op.args and isinstance(op.args[0].value, Const):
                    names.append(f"{dotted}.{op.args[0].value.value!s}")
                for one in names:
                    known = index.find(one, module)
                    if known is not None:
                        found.add(known.name)
    return found


def is_never_made(model: Model, child: Mapped) -> bool:
    """The program makes objects of a class, and its code does not even name another that belongs to
    them: there are no rows of that."""
    if model.models.is_mentioned(child):
        return False
    return any(True for _ in objects_made(Project(model.project, model.target), model.facts))
