"""Modules that a program has left behind: no other one imports them, and nothing else starts them.

A program here is a package with routes, commands or tasks, most of whose modules are imported: what
a library offers, others import.
Settings may name a module that runs by itself; such a one does something when it is loaded, or has
what a server is told to look for. Where modules are imported by their names, which may be put
together, one must stand beside others that are imported plainly, and no text may say its name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import PurePath

from sqla_lint.ir import Function, Module, Op
from sqla_lint.project.entry import entry, is_script
from sqla_lint.project.imports import Imports
from sqla_lint.project.index import Index
from sqla_lint.project.knowledge import Knowledge
from sqla_lint.project.scan import ANY_NAME
from sqla_lint.project.spoken import texts_in

# Of a program's modules one in so many may be left behind; with more, others use it as a library.
LIVING_SHARE = 4
# What settings outside of the code start: a server's application, a worker's settings, a migration.
STARTED = frozenset(
    {"main", "cli", "run", "create_app", "make_app", "app", "application", "handler"}
    | {"downgrade", "upgrade"}
)
_LOOKED_FOR = STARTED | {
    *("asgi", "celery", "celery_app", "server", "wsgi", "worker"),
    *("cron_jobs", "functions", "queues", "tasks"),
    *("down_revision", "revision"),
}
# Routes that somebody has to include.
_INCLUDED = frozenset({"route"})
_DOING = frozenset({"await", "enter", "raise", "setattr", "setitem"})
# A text that may name a module: `app.tasks`, `app/tasks.py`, `tasks`; not the path of a route.
_NAMING = re.compile(r"[\w.:\-][\w./:\-]*\Z")
_WORD = re.compile(r"\w+")
_SEVERAL = ""  # no name of a module


def unloaded(knowledge: Knowledge, imports: Imports, in_programs: frozenset[str]) -> frozenset[str]:
    """The names of these modules, of those that are ``in_programs``."""
    left = {
        module.name
        for module in imports.index.modules.values()
        if "." in module.name and module.name in in_programs
        if not _may_be_started(knowledge, module)
    }
    index = imports.index
    unread = [module for module in index.modules.values() if not module.is_read]
    left -= {one.name for module in unread for one in _imported(index, module)}
    found = {name for name in left if imports.leading_to(name) <= left}
    if not found:
        return frozenset()
    said = _said(index.modules.values())
    loads = frozenset().union(*(module.loads for module in unread))
    found = {
        name
        for name in found
        if (last := name.rpartition(".")[2]) not in loads and said.get(last, name) == name
    }
    if ANY_NAME in loads or imports.by_name():
        living = {name.rpartition(".")[0] for name in index.modules if name not in found}
        found = {name for name in found if name.rpartition(".")[0] in living}
    sizes = Counter(name.partition(".")[0] for name in imports.index.modules)
    many = Counter(name.partition(".")[0] for name in found)
    return frozenset(
        name for name in found if many[root := name.partition(".")[0]] * LIVING_SHARE <= sizes[root]
    )


def _imported(index: Index, module: Module) -> Iterator[Module]:
    """What a file imports that is not parsed."""
    for dotted in module.imports:
        parts = dotted.split(".")
        for i in range(1, len(parts) + 1):
            one = index.find(".".join(parts[:i]), module)
            if one is not None:
                yield one


def _may_be_started(knowledge: Knowledge, module: Module) -> bool:
    stem, told = PurePath(module.path).stem, knowledge.told
    if stem in ("__main__", "conftest") or is_script(module) or told.is_test(module.path):
        return True
    bodies = [module.body, *(module.functions[name] for name in module.classes)]
    if any(not code.locals.isdisjoint(_LOOKED_FOR) for code in bodies):
        return True
    if any(_does_something(op) for block in module.body.blocks for op in block.ops):
        return True
    return any(
        found and found not in _INCLUDED
        for code in module.functions.values()
        if (found := entry(module, code, knowledge))
    )


def _does_something(op: Op) -> bool:
    """Loading it is done for more than its names."""
    return op.do in _DOING or (op.do == "call" and op.discarded)


def _said(modules: Iterable[Module]) -> dict[str, str]:
    """The words of texts that may name a module, or a part of its name, with the module that says
    it, which does not start itself: ``get_logger("jobs")``; `_SEVERAL` for more."""
    found: dict[str, str] = {}
    for module in modules:
        for code in module.functions.values():
            for word in _words(code):
                if found.setdefault(word, module.name) != module.name:
                    found[word] = _SEVERAL
    return found


def _words(code: Function) -> Iterator[str]:
    for block in code.blocks:
        for op in block.ops:
            for text in texts_in(op) if op.do != "import" else ():
                if _NAMING.match(text):
                    yield from _WORD.findall(text)
