"""Which modules are of a program: nobody but the program itself calls what is in them.

A program is a package, or a file in no package, with routes, commands or tasks, or one that makes
an application. To it belong the folders in it that are no packages, and the packages beside it that
it imports and that offer nothing by themselves: a library does, at its top. To a file belong those
beside it, in no package either, that it imports, and that these import.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

from sqla_lint.ir import Module
from sqla_lint.project.entry import entries_beside
from sqla_lint.project.imports import Imports
from sqla_lint.project.kind import FOREIGN
from sqla_lint.project.knowledge import Knowledge

_APPLICATIONS = frozenset(
    {"aiohttp.web.Application()", "bottle.Bottle()", "celery.Celery()", "falcon.App()"}
    | {"falcon.asgi.App()", "fastapi.FastAPI()", "flask.Flask()", "litestar.Litestar()"}
    | {"quart.Quart()", "sanic.Sanic()", "starlette.applications.Starlette()", "typer.Typer()"}
)
# Programs that show how a library is used.
_SHOWING = frozenset(
    {"benchmark", "benchmarks", "demo", "demos", "doc", "docs", "docs_src", "example", "examples"}
    | {"playground", "sample", "samples", "sandbox", "script", "scripts", "tutorial", "tutorials"}
)


def of_programs(knowledge: Knowledge, imports: Imports) -> frozenset[str]:
    """The names of these modules."""
    index = knowledge.index
    modules = [one for one in index.modules.values() if not knowledge.told.is_test(one.path)]
    serving = entries_beside(knowledge) | _making(knowledge)
    folders = {_folder(one) for one in modules if _top(one) in serving} - {None}
    beside: dict[str, list[Module]] = {}
    for one in modules:
        folder = _folder(one)
        if folder is not None and _top(one) not in serving:
            beside.setdefault(folder, []).append(one)
    found = {one.name for one in modules if _top(one) in serving}
    found |= {one.name for one in modules if one.name not in found and _is_below(one, folders)}
    found |= _loose(modules, serving, imports)
    if {os.path.basename(folder) for folder in folders if folder} & _SHOWING:
        return frozenset(found)
    near = {os.path.dirname(folder) for folder in folders if folder is not None}
    helping = {
        folder: those
        for folder, those in beside.items()
        if os.path.dirname(folder) in near and not any(map(_offers, those))
    }
    reached = {one for name in found for one in imports.direct(name)}
    while more := [f for f, those in helping.items() if not reached.isdisjoint(_names(those))]:
        for folder in more:
            names = _names(helping.pop(folder))
            found |= names
            reached |= {one for name in names for one in imports.direct(name)}
    return frozenset(found)


def _loose(modules: list[Module], serving: frozenset[str], imports: Imports) -> set[str]:
    """The files in no package that one of a program imports from beside itself."""
    folders = {one.name: os.path.dirname(one.path) for one in modules if _folder(one) is None}
    found: set[str] = set()
    waiting = [
        name
        for name, folder in folders.items()
        if name in serving and os.path.basename(os.path.abspath(folder)) not in _SHOWING
    ]
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting += [
            one
            for one in imports.direct(name)
            if one not in found and folders.get(one) == folders[name]
        ]
    return found


def _making(knowledge: Knowledge) -> frozenset[str]:
    """The packages, or modules, that make an application."""
    globals_ = (
        name
        for name, bound in knowledge.globals.items()
        if any(kind.name == FOREIGN and kind.label in _APPLICATIONS for kind in bound.values())
    )
    given = (
        label.partition(":")[0]
        for label, summary in knowledge.summaries.items()
        if summary.returns.name == FOREIGN and summary.returns.label in _APPLICATIONS
    )
    modules = knowledge.index.modules
    return frozenset(
        name.partition(".")[0]
        for name in (*globals_, *given)
        if name in modules and not knowledge.told.is_test(modules[name].path)
    )


def _top(module: Module) -> str:
    return module.name.partition(".")[0]


def _names(modules: Iterable[Module]) -> set[str]:
    return {one.name for one in modules}


def _folder(module: Module) -> str | None:
    """The folder of the package of the top that a module lies in."""
    depth = module.name.count(".") + (1 if module.is_package else 0)
    if not depth:
        return None
    folder = os.path.normpath(module.path)
    for _ in range(depth):
        folder = os.path.dirname(folder)
    return folder


def _is_below(module: Module, folders: Iterable[str | None]) -> bool:
    path = os.path.normpath(module.path)
    return any(folder and path.startswith(folder + os.sep) for folder in folders)


def _offers(module: Module) -> bool:
    """A package of the top that hands something on to others."""
    if not module.is_package or "." in module.name:
        return False
    return bool(module.imports) or any(block.ops for block in module.body.blocks)
