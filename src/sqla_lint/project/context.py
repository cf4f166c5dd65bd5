"""Which other files of its project a file imports, found on disk: for a file linted alone."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from sqla_lint.project.index import has_init
from sqla_lint.witness import look_for_name

# How far above the outermost package a root is looked for: `src/` beside `tests/` is one up.
LEVELS_UP = 2


class Disk:
    """What a run has seen of the file system: folders are read once, and each name looked up once.

    What changes on disk meanwhile is left for the next run.
    """

    def __init__(self) -> None:
        self._entries: dict[str, frozenset[str]] = {}
        self._files: dict[tuple[str, str], str | None] = {}
        self._folders: dict[str, list[str]] = {}
        self._below: dict[str, dict[str, str | None]] = defaultdict(dict)  # folder → its imports

    def holds(self, folder: str, name: str) -> bool:
        """Whether a name is in a folder."""
        known = self._entries.get(folder)
        if known is None:
            try:
                known = frozenset(os.listdir(folder or os.curdir))
            except OSError:
                known = frozenset()
            self._entries[folder] = known
        there = name in known
        look_for_name(folder or os.curdir, name, there=there)
        return there

    def roots(self, folder: str) -> list[str]:
        """Where absolute imports of a file in ``folder`` may start: the folder above its outermost
        package, ``src`` beside it, and a little above."""
        known = self._folders.get(folder)
        if known is None:
            roots = [str(root) for root in _roots(Path(folder).absolute())]
            if not os.path.isabs(folder):  # files are called as the run calls them
                roots = [_relative(root) for root in roots]
            known = self._folders[folder] = roots
        return known

    def files(self, path: str, imports: Iterable[str]) -> Iterator[str]:
        """The files that the imports of a file name, as far as they exist below its roots."""
        roots = self.roots(os.path.dirname(path))
        names = {*imports, *(dotted.rpartition(".")[0] for dotted in imports)}
        known = self._below[os.path.dirname(path)]
        for dotted in sorted(name for name in names if name):
            if dotted not in known:
                known[dotted] = next(filter(None, (self.file(one, dotted) for one in roots)), None)
            file = known[dotted]
            if file is not None:
                yield file

    def file(self, root: str, dotted: str) -> str | None:
        """The file of a dotted name below a root."""
        key = (root, dotted)
        if key not in self._files:
            self._files[key] = self._look(root, dotted)
        return self._files[key]

    def _look(self, root: str, dotted: str) -> str | None:
        *folders, last = dotted.split(".")
        for folder in folders:
            if not self.holds(root, folder):
                return None
            root = os.path.join(root, folder)
        if self.holds(root, f"{last}.py"):
            file = os.path.join(root, f"{last}.py")
            if os.path.isfile(file):
                return file
        if self.holds(root, last):
            package = os.path.join(root, last)
            if self.holds(package, "__init__.py"):
                return os.path.join(package, "__init__.py")
        return None


def _relative(folder: str) -> str:
    try:
        relative = os.path.relpath(folder)
    except ValueError:  # another drive
        return folder
    return "" if relative == os.curdir else relative


def _roots(folder: Path) -> list[Path]:
    while has_init(folder) and folder.name.isidentifier():
        folder = folder.parent
    roots = [folder]
    above = folder
    for _ in range(LEVELS_UP):
        above = above.parent
        roots += [above, above / "src"]
    return [root for root in roots if root.is_dir()]
