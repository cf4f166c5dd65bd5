"""Names of which files ask something that were not parsed: modules without a database, templates,
and settings that name what a program starts."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from sqla_lint.ir import Module
from sqla_lint.project.bodies import may_say
from sqla_lint.project.surroundings import text_of
from sqla_lint.views.function import Function
from sqla_lint.views.once import per_project
from sqla_lint.witness import look

# ``x.name``, ``package.module:name``
_ASKED = re.compile(r"[.:]\s*([A-Za-z_]\w*)")
_WORD = re.compile(r"[A-Za-z_]\w*")
# What names functions that are started: the settings of a project, beside its packages.
_SETTINGS = ("pyproject.toml", "setup.cfg", "setup.py", "Procfile", "alembic.ini")
# A program says one of these where it renders templates, which lie in a folder of that name.
_RENDERING = ("render_template", "TemplateResponse", "get_template", "select_template")
_TEMPLATES = "templates"
# Templates beyond so many are left alone: a site has some hundreds.
_TEMPLATES_LIMIT = 2_000
# Folders above a module in which settings and templates are looked for.
_FOLDERS_LIMIT = 6


@per_project
def asked_elsewhere(function: Function) -> frozenset[str]:
    """These names, of the whole project beside its tests."""
    told = function.project.knowledge.told
    modules = [
        one
        for one in function.project.knowledge.index.modules.values()
        if not told.is_test(one.path)
    ]
    found: set[str] = set()
    for module in modules:
        if not module.is_read:
            found.update(dotted.rpartition(".")[2] for dotted in module.imports)
            found.update(_asked_in(module.path))
            if module.is_package and "." not in module.name:  # what it offers to others
                found.update(_WORD.findall(text_of(module.path) or ""))
    folders = _folders(modules)
    for folder in folders:
        for name in _SETTINGS:
            found.update(_asked_in(os.path.join(folder, name)))
    if any(may_say(code, *_RENDERING) for one in modules for code in one.functions.values()):
        for path in _templates(folders):
            found.update(_asked_in(path))
    return frozenset(found)


def _asked_in(path: str) -> list[str]:
    return _ASKED.findall(text_of(path) or "")


def _folders(modules: list[Module]) -> list[str]:
    """The folders of modules, and of their packages, up to that above the outermost."""
    found: set[str] = set()
    for module in modules:
        folder = os.path.dirname(module.path)
        for _ in range(min(module.name.count(".") + 2, _FOLDERS_LIMIT)):
            if folder in found:
                break
            found.add(folder)
            if not folder:
                break
            folder = os.path.dirname(folder)
    return sorted(found)


def _templates(folders: list[str]) -> Iterator[str]:
    count = 0
    for folder in folders:
        place = os.path.join(folder, _TEMPLATES)
        if not os.path.isdir(place):
            continue
        for inner, _, names in os.walk(place):
            look(inner)
            for name in sorted(names):
                count += 1
                if count > _TEMPLATES_LIMIT:
                    return
                yield os.path.join(inner, name)
