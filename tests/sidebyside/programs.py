"""Reads a folder of programs: which are wrong, and in which lines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

MARK = "# BAD"
_TARGET = re.compile(r"# target: (\S+)")


@dataclass(frozen=True)
class Program:
    """A file, or a folder of modules; ``marked`` are the lines of a mistake, by file."""

    code: str  # the rule whose claim it is about: the folder's name
    path: Path
    files: tuple[Path, ...]
    target: str  # the SQLAlchemy version that it is written for
    marked: frozenset[tuple[Path, int]]

    @property
    def is_bad(self) -> bool:
        """It has a mistake; others are right, however they look."""
        return self.path.name.startswith("bad")


def programs(folder: Path) -> list[Program]:
    """``CODE/bad*`` and ``CODE/good*`` below a folder."""
    found = []
    for path in sorted(folder.glob("*/*")):
        if path.suffix not in ("", ".py") or not path.name.startswith(("bad", "good")):
            continue
        files = (path,) if path.is_file() else tuple(sorted(path.rglob("*.py")))
        if files:
            found.append(_read(path, files))
    return found


def _read(path: Path, files: tuple[Path, ...]) -> Program:
    target = "2.0"
    marked = set()
    for file in files:
        source = file.read_text(encoding="utf-8")
        version = _TARGET.match(source)
        target = version[1] if version else target
        for number, line in enumerate(source.splitlines(), 1):
            if MARK in line:
                marked.add((file, number))
    return Program(path.parent.name, path, files, target, frozenset(marked))
