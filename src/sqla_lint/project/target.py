"""Which SQLAlchemy a project is written for, read from its lock and requirement files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from sqla_lint.project.index import has_init
from sqla_lint.project.requirements import (
    FOLDERS,
    LISTS,
    READERS,
    REQUIREMENTS,
    Reader,
    split,
)
from sqla_lint.project.requirements import from_poetry as plain
from sqla_lint.witness import look, look_for

Version = tuple[int, int]

# Newest first; a range means the newest of these that it admits. 2.1 counts only where a project
# names it (a lock, or a lower bound): an open `sqlalchemy>=1.4` was written before it came.
SHIPPED: tuple[Version, ...] = ((2, 1), (2, 0), (1, 4))
DEFAULT: Version = (2, 0)

# A folder is asked this many levels above the linted file at the most.
LEVELS_UP = 12
# Files that lead to others, `-r base.txt`, are followed so far, and no more than so many.
_REFERENCES = 4
_FILES = 24

# A release of each shipped version that stands for it in a range: the first that matters (a pin
# such as `>=2.0.38` admits later ones of the same series) and the last there can be.
_RELEASES: dict[Version, tuple[str, ...]] = {
    (2, 1): ("2.1.0", "2.1.999"),
    (2, 0): ("2.0.0", "2.0.999"),
    (1, 4): ("1.4.0", "1.4.999"),
}

# What other libraries say of it. The first release for SQLAlchemy 2.0, releases that stand for what
# came after it (none where there is no such release), and what a newer one says where SQLAlchemy is
# not named; an older one is for 1.4.
# Source: the requirements of the releases; SQLModel 0.0.12; Flask-SQLAlchemy changes, 3.0.
_HINTS: dict[str, tuple[str, tuple[str, ...], Version | None]] = {
    "apache-airflow": ("3.1.0", ("3.1.0", "3.999"), None),
    "databases": ("0.9.0", ("0.9.0", "0.999"), None),
    "flask-appbuilder": ("5.0.0", ("5.0.0", "5.999"), None),
    "flask-sqlalchemy": ("3.0.0", ("3.0.0", "3.0.999", "3.1.999"), None),
    "gino": ("999", (), None),
    "invenio-db": ("2.0.0", ("2.0.0", "2.999"), None),
    "snowflake-sqlalchemy": ("1.6.0", ("1.6.0", "1.999"), None),
    "sqlmodel": ("0.0.12", ("0.0.12", "0.0.999"), (2, 0)),
}

# The Pythons that SQLAlchemy 2.0 runs on; later ones are admitted by what admits the last.
_FIRST_PYTHON = 7
_PYTHONS = tuple(f"3.{minor}.{patch}" for minor in range(_FIRST_PYTHON, 16) for patch in (0, 99))

# Files of requirements of whoever develops the project: a pin there is not what it runs with.
_FOR_DEVELOPERS = re.compile(r"(^|[-_./])(dev|devel|develop|test|tests|testing|doc|docs|lint|ci)\b")


# Folders that are never projects of their own.
_PARTS = frozenset({"doc", "docs", "test", "tests"})


class Target(NamedTuple):
    """The version, and where that was read: a file and what it says, or "default"."""

    version: Version
    source: str


class _Word(NamedTuple):
    """What one file says of it."""

    target: Target
    specifier: str = ""  # of a range that leaves more than one version
    named: bool = False  # without saying which version
    pins: bool = False
    old: bool = False  # not of SQLAlchemy, but nothing newer than 1.4 can be meant


def find_target(path: Path) -> Target:
    """The SQLAlchemy version that the project of a file or folder targets.

    The nearest folder upwards that says anything decides, lock files before requirement files; of a
    range, or a name without a version, what is pinned further on. What is installed beside the
    linter is not asked: findings must not depend on the machine.
    """
    folder = path if path.is_dir() else path.parent
    best: _Word | None = None
    for word in _words(folder.absolute()):
        if word.old:
            return word.target  # what is decided has been returned
        if (
            best is None
            or (best.named and not word.named)
            or (best.specifier and word.pins and _admits(best.specifier, word.target.version))
        ):
            best = word
        if not best.named and not best.specifier:
            return best.target
    return best.target if best is not None else Target(DEFAULT, "default")


def find_versions(files: Iterable[str]) -> dict[str, Version]:
    """The version for each of many files: several projects may stand beside each other.

    What says nothing itself is for the one that the others are for, if that is one.
    """
    targets: dict[Path, Target] = {}
    folders = {file: os.path.dirname(file) for file in files}
    homes = {folder: _home(Path(folder).absolute()) for folder in set(folders.values())}
    for home in homes.values():
        if home not in targets:
            targets[home] = find_target(home)
    said = {target.version for target in targets.values() if target.source != "default"}
    usual = said.pop() if len(said) == 1 else DEFAULT
    versions = {
        folder: usual if targets[home].source == "default" else targets[home].version
        for folder, home in homes.items()
    }
    return {file: versions[folder] for file, folder in folders.items()}


@lru_cache(maxsize=4096)
def _home(folder: Path) -> Path:
    """The package that a folder is part of, if any; tests are for what their project is for."""
    above = folder.parent
    if above != folder and (folder.name in _PARTS or (has_init(folder) and has_init(above))):
        return _home(above)
    return folder


def _words(folder: Path) -> Iterator[_Word]:
    for place in [folder, *folder.parents][:LEVELS_UP]:
        yield from _in_folder(place)
        look(place / ".git")
        if (place / ".git").exists():
            return


@lru_cache(maxsize=1024)
def _in_folder(folder: Path) -> tuple[_Word, ...]:
    look_for(folder, _NAMES)
    try:
        entries = [folder / name for name in sorted(os.listdir(folder)) if _NAMED.fullmatch(name)]
        files = [one for one in entries if one.is_file() and not _is_module(one)]
        folders = [one for one in entries if FOLDERS.fullmatch(one.name) and one.is_dir()]
    except OSError:
        return ()
    for one in folders:
        look(one)
        try:
            files += sorted(one.iterdir(), key=lambda file: (_is_for_developers(file), file.name))
        except OSError:
            continue
    return tuple(
        word
        for reader in READERS
        for file in files
        if reader.names.fullmatch(file.name) or _is_listed(reader, file)
        for word in _read(file, reader)
    )


def _is_module(file: Path) -> bool:
    """A package may have a module called `setup`."""
    return file.suffix == ".py" and has_init(file.parent)


def _is_listed(reader: Reader, file: Path) -> bool:
    """Any text in a folder of requirements."""
    return (
        reader is REQUIREMENTS
        and bool(LISTS.fullmatch(file.parent.name))
        and file.suffix in (".txt", ".in")
    )


def _is_for_developers(file: Path) -> bool:
    return bool(_FOR_DEVELOPERS.search(file.name.lower()))


def _read(file: Path, reader: Reader) -> Iterator[_Word]:
    """What a file says, by itself and by those it leads to."""
    requirements = _requirements(file, reader, set(), 0)
    said = [(*split(text), text) for text in requirements]
    ours = [one for one in said if one[0] == "sqlalchemy"]
    pins = reader.pins and not _is_for_developers(file)
    ours = [one for one in ours if not one[1] or _versions(one[1])]
    words = [_word(file, text, specifier, pins=pins) for _, specifier, _, text in ours]
    usual = [word for word, (_, _, only, _) in zip(words, ours, strict=True) if not only]
    telling = [word for word in usual if not word.named]
    if not usual or reader.newest:
        newest = [word for word in words if not word.named]
        telling = sorted(newest, key=lambda word: word.target.version, reverse=True)
    yield from (telling or words)[:1]
    for name, specifier, _, text in said:
        source = f"{file.name} ({text.strip()[:60]})"
        if name == "python" and not _runs_new(specifier):
            yield _Word(Target((1, 4), source), old=True)
        hinted = _hinted(name, specifier) if name in _HINTS else None
        if hinted is not None:
            old = hinted == (1, 4)
            yield _Word(Target(hinted, source), named=not old, old=old)


def _requirements(file: Path, reader: Reader, seen: set[Path], depth: int) -> list[str]:
    """Those of a file and the ones it leads to; none of what cannot be read: it is not ours to
    judge."""
    look(file)
    seen.add(file)
    try:
        found = list(reader.read(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
        return []
    out = []
    for text in found:
        if not text.startswith("-r "):
            out.append(text)
            continue
        other = file.parent / text[3:].strip()
        if other not in seen and depth < _REFERENCES and len(seen) < _FILES:
            out += _requirements(other, REQUIREMENTS, seen, depth + 1)
    return out


def _word(file: Path, text: str, specifier: str, *, pins: bool) -> _Word:
    source = f"{file.name} ({text.strip()[:60]})"
    versions = _versions(specifier)
    if not specifier or not versions:
        return _Word(Target(DEFAULT, source), named=True)
    one = len(versions) == 1
    exact = bool(re.match(r"={2,3}|~=|@", plain(specifier)))
    return _Word(Target(versions[0], source), "" if one else specifier, pins=pins and exact)


def _admits(specifier: str, version: Version) -> bool:
    return not specifier or version in _versions(specifier)


def _admitted(specifier: str) -> Version:
    """The newest that a specifier admits."""
    return next(iter(_versions(specifier)), DEFAULT)


def _versions(specifier: str) -> list[Version]:
    """Those that a specifier admits, newest first; none where it cannot be read. What is older than
    all is for the oldest."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        allowed = SpecifierSet(plain(specifier))
    except InvalidSpecifier:
        return []
    found = []
    for version in SHIPPED:
        if version == (2, 1) and "2.1" not in specifier:
            continue
        if version == (2, 1) and re.search(r"<\s*2\.1", specifier):
            continue
        # a pinned release is in the series it begins with
        if any(allowed.contains(release) for release in _RELEASES[version]) or re.search(
            rf"==\s*{version[0]}\.{version[1]}(\.|$)", specifier
        ):
            found.append(version)
    return found or [(1, 4) if not any(allowed.contains(r) for r in _RELEASES[2, 0]) else DEFAULT]


def _runs_new(specifier: str) -> bool:
    """A Python that SQLAlchemy 2.0 runs on is admitted."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        allowed = SpecifierSet(plain(specifier))
    except InvalidSpecifier:
        return True
    pinned = re.fullmatch(r"(?:={2,3}|~=)\s*3\.(\d+)(\.[\d*]+)?", plain(specifier))
    if pinned:
        return int(pinned[1]) >= _FIRST_PYTHON
    return any(allowed.contains(release) for release in _PYTHONS)


def _hinted(name: str, specifier: str) -> Version | None:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import Version as Release

    first, later, newer = _HINTS[name]
    pin = re.fullmatch(r"={2,3}\s*(\d+(?:\.\d+)*)", specifier)
    if pin:
        return newer if Release(pin[1]) >= Release(first) else (1, 4)
    try:
        allowed = SpecifierSet(plain(specifier))
    except InvalidSpecifier:
        return newer
    # `>=0.0.24,<0.0.25`: what it begins with is for 2.0 itself
    least = (one.version for one in allowed if one.operator in (">=", "~="))
    fits = (one for one in least if Release(one) >= Release(first))
    return newer if any(map(allowed.contains, (*later, *fits))) else (1, 4)


# The names in a folder that decide.
_NAMES = "|".join((*(reader.names.pattern for reader in READERS), FOLDERS.pattern))
_NAMED = re.compile(_NAMES)
