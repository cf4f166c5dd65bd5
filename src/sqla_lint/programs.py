"""Which of many files are programs of their own: no import leads from one to another.

A run over a whole machine's worth of code holds what is known of one program at a time. In a run of
the usual size everything is one program, whether or not its parts import each other: what one says
of the database counts for all.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from sqla_lint.ir import Module
from sqla_lint.project.index import Index, Names, has_init
from sqla_lint.project.scan import Scan
from sqla_lint.witness import look

# Fewer bytes than this (some 400,000 lines) are one program.
APART_FROM = 15_000_000

# A folder with one of these is a project; what is below it belongs together.
_MARKS = (".git", "pyproject.toml", "setup.cfg", "setup.py")
# What these names mean to a project is its own.
_OWN = frozenset({"conftest", "docs", "setup", "test", "tests"})


def size_of(files: Iterable[str]) -> int:
    """The bytes of files; one that cannot be looked at has none."""
    total = 0
    for file in files:
        try:
            total += os.stat(file).st_size
        except OSError:
            continue
    return total


def apart(
    files: Sequence[str], given: Sequence[Path], seen: Callable[[str], Scan | None]
) -> list[list[str]]:
    """The files of each program, in the order they came in. ``given`` are the paths that the user
    named, ``seen`` tells what a file imports.

    Files of one project belong together. When nothing says what is a project, it is each path that
    was named, and below a single one each folder in it. What is imported belongs to what imports
    it, and a `conftest.py` to the tests below its folder.
    """
    names = Names()
    modules = []
    for file in files:
        name, is_package = names.of(file)
        modules.append(Module(file, name, is_package=is_package))
    homes = _Homes(given)
    home = {file: homes.of(file) for file in files}
    groups = _Groups(home.values())
    for file in files:
        if os.path.basename(file) == "conftest.py":
            groups.join_below(os.path.dirname(os.path.abspath(file)), home[file])
    if groups.several():
        index = Index(sorted(modules, key=lambda module: module.path))
        for module in modules:
            one = seen(module.path)
            for dotted in one.imports if one is not None else ():
                found = index.resolve(dotted, module)
                if found is None or home[found[0].path] == home[module.path]:
                    continue
                there, rest = found
                if homes.is_importable(there.path, dotted.split(".")[: -len(rest) or None]):
                    groups.join(home[module.path], home[there.path])
    parts: dict[str, list[str]] = {}
    for file in files:
        parts.setdefault(groups.of(home[file]), []).append(file)
    return list(parts.values())


class _Homes:
    """The folder of the project that a file belongs to."""

    def __init__(self, given: Sequence[Path]) -> None:
        self._tops = {os.path.abspath(path) for path in given if path.is_dir()}
        self._only = next(iter(self._tops)) if len(self._tops) == 1 else None
        self._known: dict[str, str] = {}
        self._inside: dict[str, bool] = {}

    def of(self, file: str) -> str:
        """The nearest folder with a mark of a project, else what stands for one."""
        return self._of(os.path.dirname(os.path.abspath(file)))

    def is_importable(self, file: str, name: Sequence[str]) -> bool:
        """Whether another project may mean a file by this name: no folder inside of a package is
        on the path, and tests are a project's own."""
        folder = os.path.dirname(os.path.abspath(file))
        if os.path.splitext(os.path.basename(file))[0] == "__init__":
            folder = os.path.dirname(folder)
        for _ in name[1:]:
            folder = os.path.dirname(folder)
        return name[0] not in _OWN and not self._is_in_package(folder)

    def _is_in_package(self, folder: str) -> bool:
        known = self._inside.get(folder)
        if known is None:
            above = os.path.dirname(folder)
            known = has_init(Path(folder)) or (above != folder and self._is_in_package(above))
            self._inside[folder] = known
        return known

    def _of(self, folder: str) -> str:
        known = self._known.get(folder)
        if known is None:
            above = os.path.dirname(folder)
            if _is_marked(folder) or folder in self._tops or above == folder:
                known = folder
            else:
                known = self._of(above)
                if above == self._only and not _is_marked(above):
                    known = folder
            self._known[folder] = known
        return known


def _is_marked(folder: str) -> bool:
    if has_init(Path(folder)):
        return False  # a package may have a module called `setup`
    found = False
    for mark in _MARKS:
        path = os.path.join(folder, mark)
        look(path)
        found = found or os.path.exists(path)
    return found


class _Groups:
    """Folders that belong together."""

    def __init__(self, homes: Iterable[str]) -> None:
        self._first = {home: home for home in homes}

    def of(self, home: str) -> str:
        """The folder that stands for the group."""
        while self._first[home] != home:
            self._first[home] = self._first[self._first[home]]
            home = self._first[home]
        return home

    def join(self, one: str, other: str) -> None:
        """Two belong together."""
        if one != other:
            self._first[self.of(one)] = self.of(other)

    def join_below(self, folder: str, home: str) -> None:
        """What lies in a folder belongs to this one."""
        for other in list(self._first):
            if (other + os.sep).startswith(folder.rstrip(os.sep) + os.sep):
                self.join(other, home)

    def several(self) -> bool:
        """There is more than one group."""
        return len({self.of(home) for home in self._first}) > 1
