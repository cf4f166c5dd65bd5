"""Changed files on disk: written whole or not at all, and shown as a diff."""

from __future__ import annotations

import contextlib
import difflib
import os
import stat
import tempfile
from pathlib import Path

from sqla_lint.fix.source import decode


class WriteError(Exception):
    """A file could not be written; the message names it and says why. Its content is untouched."""


def write_atomically(path: str | os.PathLike[str], new: bytes, *, expected: bytes) -> None:
    """Replace the content of a file that still holds ``expected``.

    The new content goes to a file beside it, which then takes its place: a reader sees the old
    bytes or the new ones, and whatever fails leaves the old. Mode and owner stay; a symbolic link
    stays one, its target is written. A hard link to the old content keeps the old content.
    """
    shown = os.fspath(path)
    target = Path(os.path.realpath(path))
    try:
        before = _unchanged(target, shown, expected)
        _refuse_read_only(target, shown, before)
        _replace(target, shown, new, before, expected)
    except OSError as error:
        reason = error.strerror or str(error)
        raise WriteError(f"{shown}: cannot be written: {reason}") from error


def _unchanged(target: Path, shown: str, expected: bytes) -> os.stat_result:
    with target.open("rb") as file:
        found = os.fstat(file.fileno())
        if file.read() != expected:
            raise WriteError(f"{shown}: changed on disk since it was read, so it was not written")
    return found


def _refuse_read_only(target: Path, shown: str, before: os.stat_result) -> None:
    """A rename would succeed on a read-only file; whoever made it read-only did not mean that."""
    if not before.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
        raise WriteError(f"{shown}: is read-only, so it was not written")
    if not os.access(target, os.W_OK):
        raise WriteError(f"{shown}: no permission to write it")
    if not before.st_mode & stat.S_IFREG:
        raise WriteError(f"{shown}: is not a regular file, so it was not written")


def _replace(target: Path, shown: str, new: bytes, before: os.stat_result, expected: bytes) -> None:
    handle, temporary = tempfile.mkstemp(
        prefix=f".{target.name}.", suffix=".tmp", dir=target.parent
    )
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(new)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, stat.S_IMODE(before.st_mode))
        _keep_owner(temporary, before)
        _unchanged(target, shown, expected)
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    _sync_directory(target.parent)


def _keep_owner(temporary: str, before: os.stat_result) -> None:
    """Only root can give a file away; for everybody else the attempt is harmless."""
    if os.name == "posix":
        with contextlib.suppress(OSError):
            os.chown(temporary, before.st_uid, before.st_gid)
            os.chmod(temporary, stat.S_IMODE(before.st_mode))


def _sync_directory(directory: Path) -> None:
    """The rename itself survives a power cut only once the directory is on disk."""
    if os.name != "posix":
        return
    with contextlib.suppress(OSError):
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def unified_diff(path: str, old: bytes, new: bytes) -> str:
    """The change as ``patch -p0`` and ``git apply -p0`` take it; empty when there is none.

    Only a line feed ends a line, as in git: a form feed or a carriage return is part of one.
    """
    name = path.replace(os.sep, "/")
    lines = difflib.unified_diff(_lines(old), _lines(new), name, name)
    return "".join(
        line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in lines
    )


def _lines(data: bytes) -> list[str]:
    source = decode(data)
    text = "\ufeff" + source.text if source.bom else source.text
    lines = text.split("\n")
    return [line + "\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
