"""Which files to lint: from the paths of the command line to Python files, once each, in order."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from sqla_lint.scopes import Scopes
from sqla_lint.settings import Settings, compiled
from sqla_lint.witness import look

SUFFIXES = (".py", ".pyw", ".ipynb")  # stubs hold no code that runs
ENVIRONMENT_MARKS = ("pyvenv.cfg", "conda-meta")  # a folder with one of these is an environment


class Trouble(NamedTuple):
    """A path that could not be followed; fatal when the user named it."""

    path: str
    message: str
    fatal: bool


@dataclass(slots=True)
class Found:
    """The files, and what to tell the user about the paths."""

    files: list[Path] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)


@dataclass(slots=True)
class _Seen:
    """The files that were taken, by their real paths."""

    files: set[str] = field(default_factory=set)
    _folders: dict[str, str] = field(default_factory=dict)

    def real(self, file: str) -> str:
        """`realpath`, which asks of all folders above, once for the files of a folder."""
        folder, name = os.path.split(file)
        if name in ("", os.curdir, os.pardir) or os.path.islink(file):
            return os.path.realpath(file)
        if folder not in self._folders:
            self._folders[folder] = os.path.realpath(folder)
        return os.path.join(self._folders[folder], name)


class _Ignore(NamedTuple):
    """The patterns of one ignore file, or of the settings, and the folder they are relative to."""

    base: str
    patterns: tuple[str, ...]


class _Folder(NamedTuple):
    """A folder to read, and what holds there."""

    shown: Path
    absolute: str
    ignores: tuple[_Ignore, ...]
    excludes: _Ignore
    start: str  # the folder from which the excludes count


def discover(paths: Sequence[Path], scopes: Scopes) -> Found:
    """The Python files of ``paths``. A file named by the user is always taken, unless the settings
    say that excluded ones are not."""
    found = Found()
    seen = _Seen()
    for path in paths:
        look(path)
        if scopes.main.force_exclude and is_excluded(path, scopes):
            continue
        if path.is_dir():
            before = len(found.files)
            candidates = sum(_take(file, seen, found) for file in _below(path, scopes, found))
            if not candidates and len(found.files) == before:
                found.troubles.append(
                    Trouble(str(path), "no Python files found in this folder", fatal=False)
                )
        elif path.exists():
            _take(path, seen, found)
        elif path.is_symlink():
            found.troubles.append(Trouble(str(path), "is a link to nowhere", fatal=True))
        else:
            found.troubles.append(Trouble(str(path), "no such file or folder", fatal=True))
    return found


def _take(file: Path, seen: _Seen, found: Found) -> bool:
    real = seen.real(os.fspath(file))
    if real not in seen.files:
        seen.files.add(real)
        found.files.append(file)
    return True


def _excludes(settings: Settings) -> _Ignore:
    return _Ignore(os.path.abspath(settings.root), (*settings.exclude, *settings.extend_exclude))


def _below(root: Path, scopes: Scopes, found: Found) -> Iterator[Path]:
    """The files of a folder. Links to folders are not followed: their files are where they are."""
    top = os.path.abspath(root)
    settings = scopes.at(top)
    above: tuple[_Ignore, ...] = ()
    if settings.respect_gitignore:
        above = _ignores_above(top)
        if _ignored(top, is_dir=True, ignores=above):
            above = ()  # the user named an ignored folder: that is where to look
    # A stack of folders still to read; the last is read next, so that order is depth first.
    stack: list[_Folder] = [_Folder(root, top, above, _excludes(settings), top)]
    while stack:
        shown, absolute, ignores, excludes, start = stack.pop()
        look(absolute)
        try:
            with os.scandir(absolute) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError as error:
            reason = error.strerror or str(error)
            found.troubles.append(Trouble(str(shown), f"cannot be read: {reason}", absolute == top))
            continue
        names = {entry.name for entry in entries}
        if absolute != top and not names.isdisjoint(ENVIRONMENT_MARKS):
            continue
        if settings.respect_gitignore and ".gitignore" in names:
            ignores = (*ignores, *_read_ignores(absolute, os.path.join(absolute, ".gitignore")))
        own = _excludes(scopes.enter(absolute, names))
        if own != excludes:  # a settings file of its own: from here on its patterns count
            excludes, start = own, absolute
        folders: list[_Folder] = []
        for entry in entries:
            is_dir = entry.is_dir(follow_symlinks=False)
            if not is_dir and not entry.name.endswith(SUFFIXES):
                continue
            path = os.path.join(absolute, entry.name)
            if _excluded(path, is_dir, excludes, start) or _ignored(path, is_dir, ignores):
                continue
            if is_dir:
                folders.append(_Folder(shown / entry.name, path, ignores, excludes, start))
            elif entry.is_file():
                yield shown / entry.name
        stack.extend(reversed(folders))


def is_excluded(path: Path, scopes: Scopes) -> bool:
    """Whether the settings exclude a file or folder, or a folder above it."""
    whole = os.path.abspath(path)
    excludes = _excludes(scopes.at(os.path.dirname(whole)))
    if not whole.startswith(excludes.base.rstrip(os.sep) + os.sep):
        return False
    is_dir = path.is_dir()
    while whole != excludes.base:
        if _verdict(whole, is_dir, excludes):
            return True
        whole, is_dir = os.path.dirname(whole), True
    return False


def _excluded(path: str, is_dir: bool, excludes: _Ignore, top: str) -> bool:
    """Whether the settings exclude an entry of the folder ``top``."""
    inside = top == excludes.base or top.startswith(excludes.base.rstrip(os.sep) + os.sep)
    if not inside:
        return bool(_verdict(path, is_dir, _Ignore(top, excludes.patterns)))
    if not _verdict(path, is_dir, excludes):
        return False
    if top == excludes.base or not _verdict(top, True, excludes):
        return True
    # The user named a folder that is itself excluded (`build/lib`): only what is below it counts.
    return bool(_verdict(path, is_dir, _Ignore(top, excludes.patterns)))


def _ignored(path: str, is_dir: bool, ignores: tuple[_Ignore, ...]) -> bool:
    """git's rule: the nearest ignore file that has something to say decides."""
    for ignore in reversed(ignores):
        verdict = _verdict(path, is_dir, ignore)
        if verdict is not None:
            return verdict
    return False


def _verdict(path: str, is_dir: bool, ignore: _Ignore) -> bool | None:
    """What the patterns say of an entry: out, in after all, or nothing."""
    if path.startswith(ignore.base + os.sep):  # nearly always; `relpath` takes long
        relative = path[len(ignore.base) + 1 :].replace(os.sep, "/")
    else:
        relative = os.path.relpath(path, ignore.base).replace(os.sep, "/")
    return compiled(ignore.patterns).check_file(relative + "/" if is_dir else relative).include


def _ignores_above(top: str) -> tuple[_Ignore, ...]:
    """The ignore files from the root of the git repository down to the folder's parent."""
    parents: list[str] = []
    folder = top
    while not _is_repository(folder):
        parent = os.path.dirname(folder)
        if parent == folder:
            return ()  # not in a repository
        parents.append(parent)
        folder = parent
    ignores = _read_ignores(folder, os.path.join(folder, ".git", "info", "exclude"))
    for parent in reversed(parents):
        ignores = (*ignores, *_read_ignores(parent, os.path.join(parent, ".gitignore")))
    return ignores


def _is_repository(folder: str) -> bool:
    mark = os.path.join(folder, ".git")
    look(mark)
    return os.path.exists(mark)


def _read_ignores(base: str, path: str) -> tuple[_Ignore, ...]:
    look(path)
    try:
        text = Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ()
    patterns = tuple(line for line in text.splitlines() if line.strip() and line[0] != "#")
    return (_Ignore(base, patterns),) if patterns else ()
