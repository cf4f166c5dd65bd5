"""From files to a linked project: read what matters, and more as it turns out to matter."""

from __future__ import annotations

import pickle
import re
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqla_lint.cache import Cache
from sqla_lint.catalog import load
from sqla_lint.ir import Module
from sqla_lint.lowering import Lowered, Packed, Workers, unreadable
from sqla_lint.notebook import NotebookError
from sqla_lint.outcome import Problem
from sqla_lint.project.bodies import Shelf
from sqla_lint.project.contact import Contacts
from sqla_lint.project.context import Disk
from sqla_lint.project.index import Names
from sqla_lint.project.knowledge import Told
from sqla_lint.project.link import extend, forget_answers, link
from sqla_lint.project.linked import Project
from sqla_lint.project.scan import Scan, contact, scan
from sqla_lint.reading import as_python, read_python
from sqla_lint.settings import DEFAULT_TEST_PATHS, Settings
from sqla_lint.store import default_folder, digest
from sqla_lint.suppress import has_suppressions

# How much of the project a file given alone may pull in to be understood, nearest imports first:
# so many files are looked at, and so many bytes (some 15,000 lines) of them are parsed.
CONTEXT_FILES = 600
CONTEXT_BYTES = 500_000

# In programs of so many bytes (some 400,000 lines) bodies that are seldom read are put away: less
# memory for a little more time.
SHELF_FROM = 15_000_000

# Rounds in which files are found that matter after all. Real code needs two to four.
CONTACT_ROUNDS = 12

Progress = Callable[[int, int, str], None]


@dataclass(slots=True)
class Gathering:
    """The files of one run. ``given`` are to be linted, the others are read to understand them."""

    told: Told
    target: tuple[int, int]
    workers: Workers
    cache: Cache
    progress: Progress = lambda *_: None
    in_memory: Mapping[str, bytes] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    timings: dict[str, float] = field(default_factory=dict)
    commented: list[str] = field(default_factory=list)  # given files with suppression comments
    scans: dict[str, Scan] = field(default_factory=dict)
    contents: dict[str, str] = field(default_factory=dict)  # digests of what was scanned
    given: frozenset[str] = frozenset()
    elsewhere: frozenset[str] = frozenset()  # files of other programs of the same run
    read: set[str] = field(default_factory=set)  # files that were parsed
    unparsed: list[Problem] = field(default_factory=list)  # and those that could not be
    contacts: Contacts | None = None
    steady: bool = True  # no file has changed between two looks
    _sources: Sequence[tuple[str, bytes]] = ()
    _names: Names = field(default_factory=Names)
    _budget: int = field(default_factory=lambda: CONTEXT_BYTES)
    _done: int = 0
    _origin: re.Pattern[bytes] | None = None
    _shelf: Shelf | None = None

    def scan(self, given: Sequence[str]) -> None:
        """Look at the given files, and at those of the project that they import."""
        self.given = frozenset(given)
        with self._timed("scan"):
            self._sources = self._origins(given)
        if sum(one.size for one in self.scans.values()) >= SHELF_FROM:
            self._shelf = Shelf()

    def glance(self, path: str) -> Scan | None:
        """What a file imports, and nothing kept of it."""
        self._look(path)
        self.contents.pop(path, None)
        return self.scans.pop(path, None)

    def project(self, given: Sequence[str] | None = None) -> Project:
        """The linked project around the given files, or around those that have been scanned. What
        is wrong with one is in ``problems``."""
        if given is not None:
            self.scan(given)
        with self._timed("lower"):
            read = self.lowered(self._sources)
            self._sources = ()
        with self._timed("link"):
            modules = {path: _empty(one) for path, one in self.scans.items()}
            modules.update((module.path, module) for module in read)
            project = link(modules.values(), load(self.target), self.told, self._shelf)
        self.contacts = contacts = Contacts(project, self.scans)
        for _ in range(CONTACT_ROUNDS):
            with self._timed("contact"):
                more = sorted(contacts.more(self.bytes_of))
            with self._timed("lower"):
                failed = {problem.path for problem in self.unparsed}
                affordable = [p for p in more if p not in failed and self._affordable(p)]
                again = [(path, source) for path in affordable if (source := self.bytes_of(path))]
                read = self.lowered(again)
                if self.cache.kept:
                    self.steady &= all(self.contents[p] == digest(source) for p, source in again)
            if not read:
                break
            with self._timed("link"):
                extend(project, read)
        forget_answers(project)
        return project

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.timings[stage] = self.timings.get(stage, 0.0) + time.perf_counter() - start

    def _origins(self, given: Sequence[str]) -> list[tuple[str, bytes]]:
        """Looks at all files; those that name SQLAlchemy."""
        found: list[tuple[str, bytes]] = []
        for path in given:
            source = self._look(path)
            if source is not None and self.scans[path].origin:
                found.append((path, source))
        return found + self._context(given)

    def _words(self) -> frozenset[str]:
        """Names to which the settings give a meaning, by their last part."""
        user = self.told
        names = user.session_types | user.session_factories | user.committing_decorators
        names |= user.session_objects
        return frozenset(name.replace("()", "").rpartition(".")[2] for name in names)

    # --- looking -------------------------------------------------------------------------------

    def _look(self, path: str) -> bytes | None:
        source = self.bytes_of(path)
        if source is not None:
            if path in self.given and has_suppressions(source):
                self.commented.append(path)
            named = self._names.of(path)
            known = self.cache.scan(path, named, source)
            self.scans[path] = known or self._scan(path, source, named)
            if self.cache.kept:
                self.contents[path] = digest(source)
        return source

    def _scan(self, path: str, source: bytes, named: tuple[str, bool]) -> Scan:
        if self._origin is None:
            self._origin = contact(self._words())
        found = scan(path, source, self._origin, named)
        self.cache.keep_scan(found, source)
        return found

    def bytes_of(self, path: str) -> bytes | None:
        """The Python of a file; None, and a problem, when it cannot be read."""
        known = self.in_memory.get(path)
        try:
            return read_python(path) if known is None else as_python(path, known)
        except NotebookError as error:
            problem = Problem(path, error.line, str(error), True, unparsable=True)
        except OSError as error:
            problem = unreadable(path, error)
        if path in self.given and problem not in self.problems:
            self.problems.append(problem)
        return None

    def _context(self, given: Iterable[str]) -> list[tuple[str, bytes]]:
        """Files of the project that the given ones import, directly or not; those to lower."""
        disk = Disk()
        found: list[tuple[str, bytes]] = []
        waiting = deque(path for path in given if path in self.scans)
        looked = 0
        while waiting and looked < CONTEXT_FILES:
            one = self.scans[waiting.popleft()]
            for file in disk.files(one.path, one.imports):
                if file in self.scans or file in self.given or file in self.elsewhere:
                    continue
                looked += 1
                source = self._look(file)
                if source is None:
                    continue
                waiting.append(file)
                if self.scans[file].origin and self._affordable(file):
                    found.append((file, source))
        return found

    def _affordable(self, path: str) -> bool:
        """Whether a file may still be read; those to be linted always are."""
        if path in self.given:
            return True
        self._budget -= self.scans[path].size
        return self._budget >= 0

    # --- lowering ------------------------------------------------------------------------------

    def lowered(self, sources: Sequence[tuple[str, bytes]]) -> list[Module]:
        """The modules of these files, from the cache or anew."""
        modules: list[Module] = []
        missing: list[tuple[str, bytes]] = []
        total = self._done + len(sources)
        for path, source in sources:
            known = self.cache.module(source)
            module = None if known is None else _unpacked(known, self.scans[path])
            if module is None:
                missing.append((path, source))
                continue
            self._step(path, total)
            self.read.add(path)
            modules.append(self._shelved(module))
        originals = dict(missing)
        for packed in self.workers.lower(missing):
            self._step(packed.path, total)
            module = self._taken(packed, originals[packed.path])
            if module is not None:
                modules.append(self._shelved(module))
        return modules

    def _shelved(self, module: Module) -> Module:
        if self._shelf is not None:
            self._shelf.put_all(module)
        return module

    def _step(self, path: str, total: int) -> None:
        self._done += 1
        self.progress(self._done, total, path)

    def _taken(self, packed: Packed | Lowered, source: bytes) -> Module | None:
        if packed.problem is not None:
            self.unparsed.append(packed.problem)
            if packed.path in self.given:  # one in another file is not this run's
                self.problems.append(packed.problem)
        if packed.module is None:
            return None
        if isinstance(packed.module, Module):
            if self.cache.kept:
                self.cache.keep_module(source, pickle.dumps(packed.module, 5))
            self.read.add(packed.path)
            return packed.module
        self.cache.keep_module(source, packed.module)
        module = pickle.loads(packed.module)  # from our own worker
        assert isinstance(module, Module)
        self.read.add(packed.path)
        return module


def cache_of(settings: Settings, start: Path) -> Cache:
    """The cache of the project in which a file or folder lies."""
    if settings.cache_dir is not None:
        return Cache(settings.root / settings.cache_dir, spelled(told(settings)))
    folder = default_folder(str(start if start.is_dir() else start.parent))
    return Cache(None if folder is None else Path(folder), spelled(told(settings)))


def spelled(user: Told) -> str:
    """The same text in every process: sets have another order in each."""
    return repr([sorted(one) if isinstance(one, frozenset) else one for one in user])


def told(*several: Settings) -> Told:
    """What the settings of some files say about the project that these make up."""
    return Told(
        frozenset(name for one in several for name in one.session_types),
        frozenset(name for one in several for name in one.session_factories),
        frozenset(name for one in several for name in one.committing_decorators),
        frozenset(name for one in several for name in one.session_objects),
        next((one.dialect for one in several if one.dialect), ""),
        tuple(
            sorted(
                {
                    (str(one.root.absolute()), one.test_paths)
                    for one in several
                    if one.test_paths != DEFAULT_TEST_PATHS
                }
            )
        ),
    )


def _empty(one: Scan) -> Module:
    """A module that is there, and not read."""
    return Module(
        one.path, one.name, is_package=one.is_package, imports=one.imports, loads=one.loads
    )


def _unpacked(module: Module, one: Scan) -> Module:
    """A module from the cache, in the place of this file."""
    module.path, module.name, module.is_package = one.path, one.name, one.is_package
    return module
