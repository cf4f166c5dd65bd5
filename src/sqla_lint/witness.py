"""What a run has looked at on disk, as it was just before: what its outcome rests on.

What has the same size, time of change in nanoseconds and inode is unchanged, unless that time is
younger than the look by less than a clock of a file system can tell apart (git's rule). For the
rest contents decide: the bytes of a file, the names in a folder.
"""

from __future__ import annotations

import os
import re
import stat
import time

from sqla_lint.store import FOLDER, digest

# The coarsest clocks of file systems in use tick every two seconds (FAT).
TICK = 2_000_000_000

# Names in a folder that come and go without a meaning.
_NOISE = frozenset({"__pycache__", FOLDER})

# [size (-1 for a folder), time, inode, contents, whether the time proves nothing]
Look = list[object] | None

_looks: dict[str, Look] | None = None


def begin() -> None:
    """Watch from now on."""
    global _looks
    _looks = {}


def give_up() -> None:
    """The run rests on something that cannot be watched."""
    global _looks
    _looks = None


def end() -> dict[str, Look] | None:
    """What was looked at, when it is still as it was; None when it is not."""
    global _looks
    looks, _looks = _looks, None
    if looks is None or not all(unchanged(path, known) for path, known in looks.items()):
        return None
    return looks


def seen() -> dict[str, Look] | None:
    """What has been looked at so far; None when nobody watches."""
    return _looks


def also(looks: dict[str, Look] | None) -> None:
    """Something else was looked at by a process that began where this one was."""
    global _looks
    _looks = None if _looks is None or looks is None else {**looks, **_looks}


def look(path: str | os.PathLike[str]) -> None:
    """Note a file or folder that is about to be read or asked for; it need not be there."""
    if _looks is None:
        return
    absolute = os.path.abspath(path)
    if absolute not in _looks:
        _looks[absolute] = _look(absolute)


def look_for(folder: str | os.PathLike[str], pattern: str) -> None:
    """Note which names in a folder match, and no others."""
    if _looks is not None and os.path.abspath(folder) not in _looks:
        key = f"{os.path.abspath(folder)}\0{pattern}"
        if key not in _looks:
            _looks[key] = [-2, 0, 0, _matching(key), True]


def look_for_name(folder: str | os.PathLike[str], name: str, *, there: bool) -> None:
    """Note that a folder holds a name, or does not, and nothing else about it."""
    if _looks is None:
        return
    absolute = os.path.abspath(folder)
    if absolute in _looks:
        return
    known = _looks.setdefault(f"{absolute}\0", [-2, 0, 0, {}, True])
    assert known is not None
    names = known[3]
    assert isinstance(names, dict)
    names[name] = there


def unchanged(path: str, known: Look) -> bool:
    """Whether what is there now is what was there."""
    if path.endswith("\0"):
        return known is not None and _holds(path[:-1], known[3])
    if "\0" in path:
        return known is not None and known[3] == _matching(path)
    try:
        found = os.stat(path)
    except OSError:
        return known is None
    if known is None:
        return False
    size, changed, inode, contents, young = known
    folder = stat.S_ISDIR(found.st_mode)
    if folder is not (size == -1):
        return False
    same = (changed, inode) == (found.st_mtime_ns, found.st_ino)
    if same and not young and (folder or size == found.st_size):
        return True
    try:
        return bool(contents) and contents == _contents(path, folder)
    except OSError:
        return False


def _look(path: str) -> Look:
    try:
        found = os.stat(path)
        folder = stat.S_ISDIR(found.st_mode)
        young = found.st_mtime_ns > time.time_ns() - TICK
        size = -1 if folder else found.st_size
        return [size, found.st_mtime_ns, found.st_ino, _contents(path, folder), young]
    except OSError:
        return None


def _holds(folder: str, names: object) -> bool:
    try:
        found = set(os.listdir(folder))
    except OSError:
        found = set()
    if not isinstance(names, dict):
        return False
    return all((name in found) is there for name, there in names.items())


def _matching(key: str) -> str:
    folder, _, pattern = key.partition("\0")
    try:
        names = sorted(name for name in os.listdir(folder) if re.fullmatch(pattern, name))
    except OSError:
        return ""
    return digest("\0".join(names).encode("utf-8", "surrogateescape"))


def _contents(path: str, folder: bool) -> str:
    if folder:
        names = sorted(name for name in os.listdir(path) if name not in _NOISE)
        return digest("\0".join(names).encode("utf-8", "surrogateescape"))
    with open(path, "rb") as file:
        return digest(file.read())
