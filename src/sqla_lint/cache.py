"""What is known of files by their contents, kept on disk from run to run.

One directory, written atomically, shared by runs at the same time. An entry is found by the hash of
what it was made from; whatever is wrong with it (cut short, written by somebody else, from another
version) makes it a miss, never an error. A cache that cannot be written is none.

Entries are not trusted: a repository may bring a cache along. What is unpickled may name the
classes of `ir` and of `finding` and nothing else, so that nothing can be run.
"""

from __future__ import annotations

import io
import json
import os
import pickle
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqla_lint import finding, ir
from sqla_lint.ir import Module
from sqla_lint.project.scan import Scan
from sqla_lint.store import digest, fingerprint, forget, read, write

# Entries of versions that nobody has used for so long are removed.
KEEP_DAYS = 14
# An entry is removed when there are so many times more than the last run used, oldest first.
KEEP_TIMES = 4
# Scans that are remembered; a line of the cache's table each.
KEEP_SCANS = 100_000
# Programs (what was linted together, with which settings) that are remembered.
KEEP_PROGRAMS = 100

# Bytes that tell how long the source at the end of an entry is.
_SIZE = 8

# What an entry may be made of.
_ALLOWED = {
    (ir.__name__, cls.__name__): cls
    for cls in (
        ir.Ann,
        ir.Arg,
        ir.Block,
        ir.Class,
        ir.Const,
        ir.Edge,
        ir.Function,
        ir.Handler,
        ir.Module,
        ir.Op,
        ir.Param,
        ir.Test,
    )
} | {("builtins", "frozenset"): frozenset, ("builtins", "complex"): complex}
_ALLOWED_IN_PROGRAMS = {
    (finding.__name__, cls.__name__): cls
    for cls in (
        finding.Applicability,
        finding.Confidence,
        finding.Delete,
        finding.Drop,
        finding.Enclose,
        finding.Finding,
        finding.Import,
        finding.Insert,
        finding.Rename,
        finding.Replace,
        finding.Respell,
        finding.Rewrite,
        finding.Severity,
        finding.Span,
        finding.Step,
        finding.Unbracket,
    )
}


class _Reader(pickle.Unpickler):
    def __init__(self, payload: bytes, allowed: Mapping[tuple[str, str], Any]) -> None:
        super().__init__(io.BytesIO(payload))
        self._allowed = allowed

    def find_class(self, module: str, name: str) -> Any:
        found = self._allowed.get((module, name))
        if found is None:
            raise pickle.UnpicklingError(f"{module}.{name} is not ours")
        return found


def _unpickled(place: Path, allowed: Mapping[tuple[str, str], Any]) -> object:
    payload = read(str(place))
    if payload is None:
        return None
    try:
        return _Reader(payload, allowed).load()
    except Exception:  # whatever a foreign file may raise
        return None


class Cache:
    """The cache in a directory; without one nothing is kept and nothing found."""

    def __init__(self, folder: Path | None, settings: str = "") -> None:
        self._folder = None if folder is None else folder / fingerprint()
        self._settings = settings  # what of them decides about scans
        self._scans: dict[str, list[Any]] = {}
        self._new_scans = False
        self._used = 0
        self._written = 0
        if self._folder is not None and not _ready(folder, self._folder):
            self._folder = None
        if self._folder is not None:
            self._scans = _read_table(self._folder / "scans.json")

    def rests_on(self, settings: str) -> None:
        """What of the settings decides about scans, once the files of a run are known."""
        self._settings = settings

    @property
    def kept(self) -> bool:
        """Whether anything is kept at all."""
        return self._folder is not None

    # --- modules

    def module(self, source: bytes) -> Module | None:
        """The module that these bytes were lowered to; its path and name are another file's."""
        return self.module_of(digest(source))

    def module_of(self, contents: str) -> Module | None:
        """The same, by the digest of the bytes."""
        if self._folder is None:
            return None
        found = _unpickled(self._place(contents), _ALLOWED)
        if not isinstance(found, Module) or ir.MODULE_BODY not in found.functions:
            return None
        self._used += 1
        return found

    def keep_module(self, source: bytes, module: bytes) -> None:
        """Remember a pickled module, and what it was lowered from."""
        if self._folder is not None:
            self._written += 1
            size = len(source).to_bytes(_SIZE, "little")
            self._write(self._place(digest(source)), module + source + size)

    def source_of(self, contents: str) -> bytes | None:
        """The bytes with this digest, when they were lowered."""
        payload = None if self._folder is None else read(str(self._place(contents)))
        if payload is None:
            return None
        size = int.from_bytes(payload[-_SIZE:], "little")
        source = payload[-_SIZE - size : -_SIZE]
        return source if digest(source) == contents else None

    def _place(self, name: str) -> Path:
        assert self._folder is not None
        return self._folder / name[:2] / name[2:]

    def spare(self, number: int) -> None:
        """So many modules are of use though nobody asked for them."""
        self._used += number

    def usage(self) -> tuple[int, int, bool]:
        """What this run has used and written so far, and whether it still can."""
        return self._used, self._written, self.kept

    def used(self, used: int, written: int, kept: bool) -> None:
        """As `usage` tells it of a process that began where this one was."""
        self._used, self._written = used, written
        if not kept:
            self._folder = None

    # --- programs

    def program(self, name: str) -> object:
        """What was last found in a program; whoever asks must see to its form."""
        if self._folder is None:
            return None
        return _unpickled(self._folder / "programs" / name, _ALLOWED_IN_PROGRAMS)

    def keep_program(self, name: str, found: object) -> None:
        """Remember what was found in a program."""
        if self._folder is not None:
            folder = self._folder / "programs"
            self._write(folder / name, pickle.dumps(found, 5))
            forget(str(folder), KEEP_PROGRAMS)

    # --- scans

    def scan(self, path: str, named: tuple[str, bool], source: bytes) -> Scan | None:
        """What was seen in these bytes, in a file of this name."""
        row = self._scans.get(self._key(named, source)) if self._folder is not None else None
        if row is None:
            return None
        try:
            origin, imports, loads = row
            if isinstance(origin, bool) and all(isinstance(one, str) for one in (*imports, *loads)):
                return Scan(path, *named, origin, tuple(imports), len(source), tuple(loads))
        except (TypeError, ValueError):
            pass
        return None

    def keep_scan(self, found: Scan, source: bytes) -> None:
        """Remember what was seen. Relative imports make it a matter of the file's name, too, which
        rests on the folders above it."""
        if self._folder is not None:
            self._new_scans = True
            key = self._key((found.name, found.is_package), source)
            self._scans[key] = [found.origin, list(found.imports), list(found.loads)]

    def _key(self, named: tuple[str, bool], source: bytes) -> str:
        return digest(source, repr(named).encode("utf-8", "replace"), self._settings.encode())

    # --- the directory

    def close(self) -> None:
        """Write what is left to write, and make room."""
        if self._folder is None:
            return
        if self._new_scans:
            kept = dict(list(self._scans.items())[-KEEP_SCANS:])
            self._write(self._folder / "scans.json", json.dumps(kept).encode())
        if self._written:
            _make_room(self._folder, self._used + self._written)

    def _write(self, place: Path, payload: bytes) -> None:
        if not write(str(place), payload):
            self._folder = None  # a full disk stays full: this run goes on without


def _read_table(place: Path) -> dict[str, list[Any]]:
    payload = read(str(place))
    try:
        table = {} if payload is None else json.loads(payload)
    except ValueError:
        return {}
    return table if isinstance(table, dict) else {}


def _ready(top: Path | None, folder: Path) -> bool:
    """Whether the directory is there; a new one says what it is, and that git need not know."""
    if top is None:
        return False
    try:
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
        if not (top / ".gitignore").exists():
            (top / ".gitignore").write_text("# made by sqla-lint\n*\n", encoding="utf-8")
            (top / "CACHEDIR.TAG").write_text(
                "Signature: 8a477f597d28d172789f06886806bc55\n", encoding="utf-8"
            )
    except OSError:
        return False
    return True


def _make_room(folder: Path, used: int) -> None:
    """Remove what is left of old versions, and entries beyond a multiple of those in use."""
    try:
        old = time.time() - KEEP_DAYS * 86_400
        for other in folder.parent.iterdir():
            if other.is_dir() and other != folder and other.stat().st_mtime < old:
                _remove(other)
        entries = sorted((file.stat().st_mtime, file) for file in _entries(folder))
        for _, file in entries[: max(0, len(entries) - KEEP_TIMES * max(used, 50))]:
            file.unlink(missing_ok=True)
        os.utime(folder)
    except OSError:
        pass  # another run is tidying up


def _entries(folder: Path) -> Iterator[Path]:
    for part in folder.iterdir():
        if part.is_dir() and len(part.name) == 2:
            yield from part.iterdir()


def _remove(folder: Path) -> None:
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            _remove(path)
        else:
            path.unlink(missing_ok=True)
    folder.rmdir()
