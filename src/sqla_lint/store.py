"""Entries of the cache on disk: written whole or not at all, read only when they are whole.

Imports next to nothing: a run that only repeats the last one must start fast.
"""

from __future__ import annotations

import os
import sys
from _blake2 import blake2b
from contextlib import suppress
from functools import cache
from importlib.util import find_spec

FOLDER = ".sqla_lint_cache"

# A project's folder is known by one of these.
MARKS = ("sqla-lint.toml", "pyproject.toml", ".git")

# What decides about findings and how they are printed.
_LIBRARIES = ("click", "libcst", "packaging", "pathspec", "sqlparse")

_MAGIC = b"sqla-lint 1\n"
_DIGEST = 16


def digest(*parts: bytes) -> str:
    """The name of contents."""
    found = blake2b(digest_size=_DIGEST)
    for part in parts:
        found.update(len(part).to_bytes(8, "little"))
        found.update(part)
    return found.hexdigest()


def write(place: str, payload: bytes) -> bool:
    """Put an entry in its place; False when that cannot be done."""
    temporary = f"{place}.{os.getpid()}.new"
    try:
        os.makedirs(os.path.dirname(place), exist_ok=True)
        with open(temporary, "xb") as file:
            file.write(_MAGIC + blake2b(payload, digest_size=_DIGEST).digest() + payload)
        os.replace(temporary, place)
    except OSError:
        with suppress(OSError):
            os.unlink(temporary)
        return False
    return True


def read(place: str) -> bytes | None:
    """The payload of an entry; None unless it is whole."""
    try:
        with open(place, "rb") as file:
            data = file.read()
    except OSError:
        return None
    start = len(_MAGIC) + _DIGEST
    payload = data[start:]
    expected = _MAGIC + blake2b(payload, digest_size=_DIGEST).digest()
    return payload if data[:start] == expected else None


def forget(folder: str, keep: int) -> None:
    """Remove the oldest entries of a folder."""
    try:
        with os.scandir(folder) as entries:
            known = sorted((entry.stat().st_mtime, entry.path) for entry in entries)
        for _, path in known[:-keep]:
            os.unlink(path)
    except OSError:
        pass  # another run is tidying up


def default_folder(start: str) -> str | None:
    """Where the cache of a project is: beside its settings or `.git`, else the user's own."""
    folder = os.path.abspath(start)
    while True:
        if any(os.path.exists(os.path.join(folder, mark)) for mark in MARKS):
            return os.path.join(folder, FOLDER)
        above = os.path.dirname(folder)
        if above == folder:
            break
        folder = above
    home = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    if home:
        return os.path.join(home, "sqla-lint")
    home = os.path.expanduser("~")
    return None if home == "~" else os.path.join(home, ".cache", "sqla-lint")


@cache
def fingerprint() -> str:
    """What wrote an entry: our files, Python's version, the files of the libraries."""
    parts = [sys.version, sys.byteorder, *_stamps(os.path.dirname(__file__), deep=True)]
    for name in _LIBRARIES:
        found = find_spec(name)
        if found is not None and found.origin:
            parts += _stamps(os.path.dirname(found.origin), deep=False)
    return digest("\n".join(parts).encode())


def _stamps(folder: str, *, deep: bool) -> list[str]:
    found: list[str] = []
    try:
        with os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda one: one.name):
                if entry.is_dir():
                    if deep and entry.name != "__pycache__":
                        found += _stamps(entry.path, deep=True)
                elif not entry.name.endswith(".pyc"):
                    stat = entry.stat()
                    found.append(f"{entry.path} {stat.st_size} {stat.st_mtime_ns}")
    except OSError:
        pass
    return found
