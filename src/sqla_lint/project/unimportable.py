"""Modules that no run of a program loads: nothing can.

Theirs is a name that `import` cannot say (``models copy.py``); or they import from another module
of the project what that does not have, or a module that is not there, or one that does so.
"""

from __future__ import annotations

import ast
import os
import re
import sys
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import PurePath
from typing import NamedTuple

from sqla_lint.ir import ENTRY, EXIT, RAISED, Const, Function, Module, Op
from sqla_lint.project.bodies import may_say
from sqla_lint.project.entry import is_script
from sqla_lint.project.imports import Imports
from sqla_lint.project.index import Index, absolute
from sqla_lint.project.spoken import names_in
from sqla_lint.project.surroundings import holds, text_of

_NO_NAME = re.compile(r"\s")
# What gives a module names that its body does not bind.
_NAMING = frozenset({"globals", "setattr", "exec", "vars", "locals"})
_LOADED = "sys.modules"
# What lets a package be in more folders than its own.
_SPREAD = frozenset({"__path__", "extend_path", "declare_namespace", "modules"})
_GIVES = "__getattr__"
_REVISION = "down_revision"
# Tools write modules that nobody keeps with the source: what a build makes is said in its settings,
# what a place has of its own is left out of the repository, and compilers of protocols and
# extensions have endings and beginnings of their own.
_TOLD = ("pyproject.toml", "setup.py", "setup.cfg", "Makefile", "MANIFEST.in", "meson.build")
_IGNORED = ".gitignore"
_MADE = re.compile(r"_|.*_pb2(_grpc)?\Z")
# Folders above a package in which such settings are looked for.
_FOLDERS_LIMIT = 4


def unimportable(imports: Imports, paths: Iterable[str]) -> frozenset[str]:
    """The files of these that only a mistake would load: nothing imports them."""
    wanted = frozenset(paths)
    found = set[str]()
    for module in imports.index.modules.values():
        if module.path not in wanted or not _is_broken(imports.index, module):
            continue
        if imports.by_name() or imports.leading_to(module.name) != {module.name}:
            continue
        found.add(module.path)
    return frozenset(found)


def failing(imports: Imports) -> frozenset[str]:
    """The files that raise `ImportError` whenever they are loaded, with those that import them, and
    those of packages that do."""
    index = imports.index
    found = {one.name for one in index.modules.values() if _fails(index, one)}
    if found:
        own = own_packages(index)
        found = {name for name in found if _fails(index, index.modules[name], own)}
    if not found:
        return frozenset()
    loading: dict[str, list[str]] = {}
    loose = _loose(index)
    for module in index.modules.values():
        for name in _loaded(index, module, _imports(module)):
            loading.setdefault(name, []).append(module.name)
        if module.name.rpartition(".")[0] not in loose and not _is_run(module):
            for name in _with_packages(index, module, module.name.rpartition(".")[0]):
                loading.setdefault(name, []).append(module.name)
    waiting = list(found)
    while waiting:
        failed = waiting.pop()
        for name in loading.get(failed, ()):
            if name not in found and _surely_loads(index, index.modules[name], failed):
                found.add(name)
                waiting.append(name)
    return frozenset(index.modules[name].path for name in found)


def raises_import_error(index: Index, module: Module, op: Op, own: frozenset[str]) -> bool:
    """An import, wherever it stands, of what the project does not have; ``own``: see
    `own_packages`."""
    if op.do != "import" or op.name is None:
        return False
    one = _import_of(module, op)
    mine = one.is_relative or one.dotted.partition(".")[0] in own
    return mine and _is_in_vain(index, module, one)


def _is_broken(index: Index, module: Module) -> bool:
    if _NO_NAME.search(PurePath(module.path).stem):
        return not is_script(module)
    return _fails(index, module) and _fails(index, module, own_packages(index))


def _fails(index: Index, module: Module, own: frozenset[str] | None = None) -> bool:
    """``own``: the packages that are surely the project's; None when that is asked later."""
    found = [one for one in _imports(module) if _is_in_vain(index, module, one)]
    if found and own is not None:
        firsts = found if module.is_read else _first_imports(module)
        found = [
            one
            for one in firsts
            if (one.is_relative or one.dotted.partition(".")[0] in own)
            if module.is_read or _is_in_vain(index, module, one)
        ]
    return bool(found)


def own_packages(index: Index) -> frozenset[str]:
    """The first names of what is imported and found: a folder that is called like a library may be
    no package of the top, and is none when somebody says the folders around it."""
    found: set[str] = set()
    inner: set[str] = set()
    for module in index.modules.values():
        for dotted, name, is_relative in _imports(module):
            first = dotted.partition(".")[0]
            if is_relative or first in sys.stdlib_module_names:
                continue
            other = _near(index, module, dotted)
            if other is None:
                named = index.find(dotted, module)
                inner.update([named.name.partition(".")[0]] if named is not None else [])
            elif name in other.body.locals or _near(index, module, f"{dotted}.{name}"):
                found.add(first)
    return frozenset(found - inner)


# --- what is imported whenever a module is loaded -------------------------------------------------


class _Import(NamedTuple):
    """``from dotted import name``, or ``import dotted``; told without leading dots."""

    dotted: str
    name: str = ""
    is_relative: bool = False


def _imports(module: Module) -> Iterator[_Import]:
    """The imports that are done whenever a module is loaded to its end, in no `try`; all of a file
    that is not parsed."""
    if not module.is_read:
        for dotted in module.imports:
            yield _Import(dotted)
            package, _, name = dotted.rpartition(".")
            yield _Import(package, name)
        return
    for number, block in enumerate(module.body.blocks):
        if block.exc == RAISED and not block.handlers:
            ops = [op for op in block.ops if op.do == "import" and op.name is not None]
            if ops and not _is_passed_by(module.body, number):
                yield from (_import_of(module, op) for op in ops)


def _import_of(module: Module, op: Op) -> _Import:
    given = op.args[0].value if op.args else None
    name = str(given.value) if isinstance(given, Const) else ""
    dotted = op.name or ""
    return _Import(absolute(module, dotted), name, dotted[:1] == ".")


def _first_imports(module: Module) -> Iterator[_Import]:
    """The imports that stand by themselves in a file that is not parsed."""
    try:
        tree = ast.parse(text_of(module.path) or "")
    except (SyntaxError, ValueError, RecursionError):
        return
    for one in tree.body:
        if isinstance(one, ast.Import):
            yield from (_Import(alias.name) for alias in one.names)
        elif isinstance(one, ast.ImportFrom):
            dotted = absolute(module, "." * one.level + (one.module or ""))
            yield from (_Import(dotted, alias.name, one.level > 0) for alias in one.names)


def _surely_loads(index: Index, module: Module, name: str) -> bool:
    if module.is_read or module.name.startswith(f"{name}."):
        return True
    return name in _loaded(index, module, _first_imports(module))


def _is_passed_by(body: Function, number: int) -> bool:
    """Some way leads through a module and past a block of it."""
    seen = {number}
    waiting = [ENTRY]
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        if one == EXIT:
            return True
        seen.add(one)
        block = body.blocks[one]
        waiting += [edge.to for edge in block.edges]
        waiting += [handler.to for handler in block.handlers]
        waiting.append(block.exc)
    return False


def _is_run(module: Module) -> bool:
    """It is loaded as a file, with no package around it: a script, a migration."""
    return is_script(module) or _REVISION in module.body.locals


def _loaded(index: Index, module: Module, imports: Iterable[_Import]) -> Iterator[str]:
    """The modules that these imports load, with the packages around them."""
    for dotted, name, _ in imports:
        yield from _with_packages(index, module, dotted)
        other = _near(index, module, dotted) if name else None
        if other is not None and other.is_read and name not in other.body.locals:
            yield from _with_packages(index, module, f"{dotted}.{name}")


def _with_packages(index: Index, module: Module, dotted: str) -> Iterator[str]:
    parts = dotted.split(".") if dotted else []
    for i in range(1, len(parts) + 1):
        found = _near(index, module, ".".join(parts[:i]))
        if found is not None and found is not module:
            yield found.name


def _loose(index: Index) -> frozenset[str]:
    """The packages one of whose modules imports another by its name alone: their folder is where a
    program starts."""
    found: set[str] = set()
    for module in index.modules.values():
        package = module.name.rpartition(".")[0]
        for one in _imports(module) if package else ():
            first = one.dotted.partition(".")[0]
            if first not in index.modules and f"{package}.{first}" in index.modules:
                found.add(package)
    return frozenset(found)


def _near(index: Index, module: Module, dotted: str) -> Module | None:
    """The one module of a name, when it is of the same tree of folders."""
    found = index.modules.get(dotted)
    if found is None or f"{dotted}@1" in index.modules:
        return None
    depth = dotted.count(".") + (2 if found.is_package else 1)
    root = os.path.normpath(found.path)
    for _ in range(depth):
        root = os.path.dirname(root)
    path = os.path.normpath(module.path)
    return found if not root or path.startswith(root.rstrip(os.sep) + os.sep) else None


# --- what is not there ----------------------------------------------------------------------------


def _is_in_vain(index: Index, module: Module, one: _Import) -> bool:
    return _misses(index, module, one) or _is_missing(index, module, one.dotted)


def _misses(index: Index, module: Module, one: _Import) -> bool:
    """``from app.models import Task``, and that module binds no `Task`."""
    dotted, name, _ = one
    other = _near(index, module, dotted) if name not in ("", "*") else None
    if other is None or other is module:
        return False
    if not other.is_read and not _is_plain(other, name):
        return False
    if not {name, _GIVES}.isdisjoint(other.body.locals):
        return False
    if index.find(f"{dotted}.{name}", module) or f"{dotted}.{name}" in index.packages:
        return False
    if other.is_package and _may_be_there(other, name):
        return False
    for function in other.functions.values():
        if name in function.globals or function.qualname == _GIVES:
            return False
        if any(_names(op) for block in function.blocks for op in block.ops):
            return False
    return not _takes_all(other) and not _is_given(index, name)


def _names(op: Op) -> bool:
    """It may give a module names, or put something in its place."""
    return (op.do == "call" and op.on in _NAMING) or str(op.on) == _LOADED


def _takes_all(module: Module) -> bool:
    return any(
        one.do == "import" and any(arg.value == Const("*") for arg in one.args)
        for block in module.body.blocks
        for one in block.ops
    )


def _is_plain(module: Module, name: str) -> bool:
    """A file that is not parsed says nothing of a name, nor what could give it any name."""
    text = text_of(module.path)
    words = (name, _GIVES, _LOADED, "*", *_NAMING)
    return text is not None and not any(word in text for word in words)


def _is_given(index: Index, name: str) -> bool:
    """Something sets an attribute of this name that is not one of its own object's."""
    return any(
        op.do == "setattr" and op.name == name and (not code.params or op.on != code.params[0].name)
        for module in index.modules.values()
        for code in module.functions.values()
        if may_say(code, name)
        for block in code.blocks
        for op in block.ops
    )


def _is_missing(index: Index, module: Module, dotted: str) -> bool:
    """``from app.missing import thing``, and that package has no such module."""
    parts = dotted.split(".")
    package: Module | None = None
    for i in range(1, len(parts) + 1):
        dotted = ".".join(parts[:i])
        found = _near(index, module, dotted)
        if found is None:
            if package is None or not package.is_package or dotted in index.packages:
                return False
            if index.find(dotted, module) is not None or f"{dotted}@1" in index.modules:
                return False
            return not _is_spread(package) and not _may_be_there(package, parts[i - 1])
        package = found
    return False


def _is_spread(package: Module) -> bool:
    """Its modules may lie elsewhere, too; also of what is not known."""
    if not package.is_read:
        return bool(package.imports or package.loads)
    return any(
        not _SPREAD.isdisjoint({*names_in(op), op.dst})
        for code in package.functions.values()
        for block in code.blocks
        for op in block.ops
    )


def _may_be_there(package: Module, name: str) -> bool:
    """Something in the folder of a package has the name, or a tool may put it there."""
    folder = os.path.dirname(os.path.abspath(package.path))
    if _MADE.match(name) or holds(folder, name):
        return True
    for _ in range(package.name.count(".") + _FOLDERS_LIMIT):
        word = re.compile(rf"\b{re.escape(name)}\b")
        if any(word.search(text_of(os.path.join(folder, told)) or "") for told in _TOLD):
            return True
        ignored = (text_of(os.path.join(folder, _IGNORED)) or "").split()
        lasts = {line.rstrip("/").rpartition("/")[2] for line in ignored}
        if any(fnmatchcase(f"{name}.py", last) or fnmatchcase(name, last) for last in lasts):
            return True
        folder = os.path.dirname(folder)
    return False
