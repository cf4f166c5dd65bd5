"""One run, top to bottom: the only module that knows the order of things, and processes."""

from __future__ import annotations

import gc
import os
import re
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from multiprocessing import active_children
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias, TypeVar

import sqla_lint.rules  # noqa: F401  (registers every rule)
from sqla_lint.catalog import load
from sqla_lint.discover import discover
from sqla_lint.finding import Finding, Span
from sqla_lint.ir import Module
from sqla_lint.lint import PRECEDENCE, lint
from sqla_lint.project.context import Disk, base_files, imported_files
from sqla_lint.project.index import Index, module_name
from sqla_lint.project.knowledge import Knowledge, Told
from sqla_lint.project.link import link, relink
from sqla_lint.project.linked import Project
from sqla_lint.project.target import DEFAULT, Target, find_target
from sqla_lint.rule import Report, RuleInfo, rules
from sqla_lint.settings import Settings, ignored_in, selected, shows
from sqla_lint.suppress import Suppressions, suppressions

_T = TypeVar("_T")
FixMode: TypeAlias = Literal["none", "fix", "diff"]

# A file without any of these words has no contact with a database session or engine, directly or
# through another module of the project, and is not parsed.
CONTACT = re.compile(
    rb"sqlalchemy|sqlmodel|[sS]ession|[eE]ngine|alembic|\b[cC]onn|\b_?db\b|Column\b|\.commit\("
    rb"|\b(?:from|import)\s[\w.]*(?:database|repositor|storage|crud|\bdao|\bdal|uow|unit_of_work)"
)
# A package that only passes names on: what it passes may be a session.
PASSES_ON = re.compile(rb"^(?:from|import)\s", re.MULTILINE)
DEFINES = re.compile(rb"^\s*(?:async def|def|class)\s", re.MULTILINE)

# Fewer files than this are lowered in this process: starting another costs more.
PARALLEL_FROM = 40
BATCH = 24  # files per task handed to a worker

# Thresholds of the cyclic collector during a run: a tenth of the time goes without it.
COLLECTIONS = (200_000, 50, 100)

# How many modules a file given alone may pull in to be understood.
CONTEXT_LIMIT = 400


@dataclass(frozen=True)
class Problem:
    """Something that kept a file from being linted. Fatal: the user must act."""

    path: str
    line: int | None
    message: str
    fatal: bool


@dataclass(frozen=True)
class Outcome:
    """What a run found and did. Findings are located and sorted."""

    findings: tuple[Finding, ...] = ()
    problems: tuple[Problem, ...] = ()
    files: int = 0
    fixed: int = 0
    refused: tuple[str, ...] = ()
    diffs: tuple[str, ...] = ()
    unresolved: dict[str, int] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    timings: dict[str, float] = field(default_factory=dict)
    mended: bytes | None = None  # what was given on stdin, after its fixes


Progress: TypeAlias = Callable[[int, int, str], None]


class Understood(NamedTuple):
    """A project as the rules see it."""

    project: Project
    target: tuple[int, int]
    source: str  # where the target version was read
    problems: tuple[Problem, ...]


class Lowered(NamedTuple):
    """What a worker gives back for one file: a module, a problem, or neither (no contact)."""

    path: str
    module: Module | None
    problem: Problem | None
    seconds: float


def run(
    paths: Sequence[Path],
    settings: Settings,
    *,
    fix: FixMode = "none",
    unsafe: bool = False,
    stdin: tuple[str, bytes] | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> Outcome:
    """Lint, and with ``fix`` mend, the Python files of ``paths`` or the source on ``stdin``.

    ``executor`` runs the per-file work; by default a process pool for many files. Raises nothing
    for what is wrong with a file: that is a `Problem`.
    """
    with _rarely_collecting():
        return _Run(settings, fix, unsafe, progress or (lambda *_: None), executor).go(paths, stdin)


def understood(paths: Sequence[Path], settings: Settings) -> Understood:
    """The project of some paths, linked as for a run, and no rule asked."""
    with _rarely_collecting():
        one = _Run(settings, "none", False, lambda *_: None, None)
        target = target_of(settings, next(iter(paths), Path()))
        one.target = target.version
        one._lower(one._files(paths, None))
        one._context()
        return Understood(one._link(), target.version, target.source, tuple(one.problems))


class _Run:
    def __init__(
        self,
        settings: Settings,
        fix: FixMode,
        unsafe: bool,
        progress: Progress,
        executor: Executor | None,
    ) -> None:
        self.settings = settings
        self.fix = fix
        self.unsafe = unsafe
        self.progress = progress
        self.executor = executor
        self.rules = selected(settings, rules())
        self.every_rule = rules()
        self.target = DEFAULT
        self.problems: list[Problem] = []
        self.timings: dict[str, float] = {}
        self.refused: list[str] = []
        self.diffs: list[str] = []
        self.fixed = 0
        self.modules: dict[str, Module] = {}
        self.project = Project(Knowledge(Index(()), load(self.target)))
        self.bytes: dict[str, bytes] = {}

    def go(self, paths: Sequence[Path], stdin: tuple[str, bytes] | None) -> Outcome:
        start = Path(stdin[0]) if stdin is not None else next(iter(paths), Path())
        self.target = target_of(self.settings, start).version
        files = self._files(paths, stdin)
        self._timed("lower", lambda: self._lower(files))
        self._timed("context", self._context)
        self.project = self._timed("link", self._link)
        wanted = set(files)
        findings = self._timed("rules", lambda: self._lint(self.project, wanted))
        sources: dict[str, str] = {}
        if self.fix != "none":
            findings = self._timed("fix", lambda: self._mend(findings, stdin))
        located = self._timed("locate", lambda: self._located(findings, sources))
        return Outcome(
            findings=tuple(located),
            problems=tuple(sorted(self.problems, key=lambda p: (p.path, p.line or 0))),
            files=len(files),
            fixed=self.fixed,
            refused=tuple(self.refused),
            diffs=tuple(self.diffs),
            unresolved=self._unresolved(wanted),
            sources=sources,
            timings=self.timings,
            mended=self.bytes[stdin[0]] if stdin is not None and self.fix == "fix" else None,
        )

    def _link(self) -> Project:
        return link_modules(self.modules.values(), self.settings, self.target)

    def _timed(self, stage: str, work: Callable[[], _T]) -> _T:
        start = time.perf_counter()
        try:
            return work()
        finally:
            self.timings[stage] = self.timings.get(stage, 0.0) + time.perf_counter() - start

    # --- from paths to modules -----------------------------------------------------------------

    def _files(self, paths: Sequence[Path], stdin: tuple[str, bytes] | None) -> list[str]:
        if stdin is not None:
            self.bytes[stdin[0]] = stdin[1]
            return [stdin[0]]
        found = discover(paths, self.settings)
        for trouble in found.troubles:
            self.problems.append(Problem(trouble.path, None, trouble.message, trouble.fatal))
        return [str(file) for file in found.files]

    def _lower(self, files: list[str]) -> None:
        for done, lowered in enumerate(self._results(files), 1):
            self.progress(done, len(files), lowered.path)
            self._take(lowered)

    def _take(self, lowered: Lowered) -> None:
        if lowered.module is not None:
            self.modules[lowered.path] = lowered.module
        if lowered.problem is not None:
            self.problems.append(lowered.problem)

    def _results(self, files: list[str]) -> Iterable[Lowered]:
        jobs = self.settings.jobs or os.cpu_count() or 1
        in_memory = [f for f in files if f in self.bytes]
        for file in in_memory:
            yield lower_file(file, self.bytes[file])
        files = [f for f in files if f not in self.bytes]
        if self.executor is None and (jobs == 1 or len(files) < PARALLEL_FROM):
            for start in range(0, len(files), BATCH):
                yield from lower_files(files[start : start + BATCH])
            return
        batches = [files[i : i + BATCH] for i in range(0, len(files), BATCH)]
        if self.executor is not None:
            yield from self._in_batches(self.executor, batches)
            return
        pool = ProcessPoolExecutor(max_workers=jobs, initializer=_ignore_interrupts)
        try:
            yield from self._in_batches(pool, batches)
        except BaseException:  # Ctrl-C, say: nobody waits for what is still being lowered
            pool.shutdown(wait=False, cancel_futures=True)
            for child in active_children():
                child.terminate()
            raise
        pool.shutdown()

    def _in_batches(self, executor: Executor, batches: list[list[str]]) -> Iterable[Lowered]:
        """Results as they come; a batch whose worker died is done again here, file by file."""
        futures = {executor.submit(lower_files, batch): batch for batch in batches}
        for future in as_completed(futures):
            try:
                yield from future.result()
            except BrokenProcessPool:
                for file in futures[future]:
                    yield _alone(file)

    def _context(self) -> None:
        """Modules of the project that the given files import but that were not given, and those
        of base classes, whatever is in them: a base keeps what its subclasses use."""
        known = set(self.modules) | {p.path for p in self.problems}
        waiting = list(self.modules.values())
        bases = {p.path for p in self.problems}
        disk = Disk()
        while waiting and len(self.modules) < CONTEXT_LIMIT + len(known):
            module = waiting.pop()
            for file in imported_files(module, disk):
                if file in known:
                    continue
                known.add(file)
                lowered = lower_file(file)
                if lowered.module is not None:  # a problem in another file is not this run's
                    self.modules[file] = lowered.module
                    waiting.append(lowered.module)
            for file in base_files(module, disk):
                if file in self.modules or file in bases:
                    continue
                bases.add(file)
                lowered = lower_file(file, whatever=True)
                if lowered.module is not None:
                    self.modules[file] = lowered.module
                    waiting.append(lowered.module)

    # --- from modules to findings --------------------------------------------------------------

    def _lint(self, project: Project, wanted: set[str]) -> list[Finding]:
        findings, troubles = lint(project, self.rules, wanted, self.target, self._shows)
        for trouble in troubles:
            self.problems.append(Problem(trouble.path, None, trouble.message, True))
        ignored = {f.path: ignored_in(self.settings, f.path, self.every_rule) for f in findings}
        return [f for f in findings if f.code not in ignored[f.path]]

    def _unresolved(self, wanted: set[str]) -> dict[str, int]:
        total: Counter[str] = Counter()
        for inferred in self.project.inferred.values():
            if inferred.typed.module.path in wanted:
                total += inferred.unresolved
        return dict(total)

    def _shows(self, info: RuleInfo, report: Report) -> bool:
        if not shows(self.settings, report.confidence):
            return False
        return report.group != "pedantic" or self.settings.pedantic

    def _located(self, findings: list[Finding], sources: dict[str, str]) -> list[Finding]:
        out: list[Finding] = []
        elsewhere = self._elsewhere(findings)
        for path, _ in elsewhere:
            sources.setdefault(path, decoded(self._read(path)))
        for path, group in _by_path(findings).items():
            source = self._read(path)
            sources[path] = decoded(source)
            out += visible(path, group, source, suppressions(sources[path]), elsewhere)
        out.sort(key=lambda f: (f.path, f.span or (), f.code))
        return out

    def _elsewhere(self, findings: list[Finding]) -> dict[tuple[str, int], Span]:
        """The places of steps that lie in another file than their finding."""
        from sqla_lint.syntax import locate

        wanted: dict[str, set[int]] = {}
        for finding in findings:
            for step in finding.steps:
                if step.path not in ("", finding.path):
                    wanted.setdefault(step.path, set()).add(step.at)
        return {
            (path, ref): span
            for path, refs in wanted.items()
            for ref, span in locate(self._read(path), refs).items()
        }

    def _read(self, path: str) -> bytes:
        known = self.bytes.get(path)
        return known if known is not None else Path(path).read_bytes()

    # --- mending -------------------------------------------------------------------------------

    def _mend(self, findings: list[Finding], stdin: tuple[str, bytes] | None) -> list[Finding]:
        """Apply the fixes; what is left of the findings."""
        from sqla_lint.fix import WriteError, fix_file, unified_diff, write_atomically

        left: list[Finding] = []
        for path, group in sorted(_by_path(findings).items()):
            source = self._read(path)
            if not any(f.rewrite for f in group):
                left += group
                continue
            outcome = fix_file(
                path, source, partial(self._again, path), self.unsafe, reveals=PRECEDENCE
            )
            self.refused += [
                f"{path}: {finding.code} in `{finding.function}`: {reason}"
                for finding, reason in outcome.refused
            ]
            if outcome.new_bytes == source:
                left += group
                continue
            if self.fix == "diff":
                self.diffs.append(unified_diff(path, source, outcome.new_bytes))
                left += group
                continue
            if stdin is None:
                try:
                    write_atomically(path, outcome.new_bytes, expected=source)
                except (OSError, WriteError) as error:
                    reason = _os_message(error).removeprefix(f"{path}: ")
                    self.problems.append(Problem(path, None, reason, True))
                    left += group
                    continue
            self.bytes[path] = outcome.new_bytes
            self.fixed += len(outcome.applied)
            left += outcome.remaining
        return left

    def _again(self, path: str, source: bytes) -> list[Finding]:
        """The findings of one file with other bytes, in the project as it is."""
        lowered = lower_file(path, source)
        if lowered.module is None:
            return []
        relink(self.project, lowered.module)
        findings = self._lint(self.project, {path})
        quiet = suppressions(decoded(source))
        return visible(path, findings, source, quiet) if quiet.directives else findings


# --- per file, in workers ------------------------------------------------------------------------


def _ignore_interrupts() -> None:
    """Ctrl-C reaches every process of a terminal; the one that started the workers answers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def lower_files(paths: list[str]) -> list[Lowered]:
    """A batch, as one task of a worker, with one deep stack for all of it."""
    from sqla_lint.syntax.deep import deeply

    return deeply(lambda: [lower_file(path) for path in paths])


def lower_file(path: str, source: bytes | None = None, *, whatever: bool = False) -> Lowered:
    """One file, from its bytes to a module. Whatever is wrong with it is a `Problem`.

    ``whatever``: also where no word of it has to do with a database.
    """
    start = time.perf_counter()
    module: Module | None = None
    problem: Problem | None = None
    try:
        if source is None:
            source = Path(path).read_bytes()
        if whatever or has_contact(path, source):
            from sqla_lint.syntax import ParseFailure, lower

            name, is_package = module_name(Path(path))
            try:
                module = lower(source, path, name, is_package)
            except ParseFailure as failure:
                problem = Problem(path, failure.line, failure.message, True)
    except OSError as error:
        problem = Problem(path, None, _os_message(error), True)
    except Exception as error:
        problem = Problem(path, None, f"internal error: {type(error).__name__}: {error}", True)
    return Lowered(path, module, problem, time.perf_counter() - start)


def has_contact(path: str, source: bytes) -> bool:
    """Whether a file may have to do with a database, by its words alone."""
    if CONTACT.search(source):
        return True
    passes_on = path.endswith("__init__.py") and PASSES_ON.search(source) is not None
    return passes_on and DEFINES.search(source) is None


def _alone(path: str) -> Lowered:
    """One file in a process of its own, after the worker that had it died."""
    try:
        with ProcessPoolExecutor(max_workers=1) as pool:
            return pool.submit(lower_file, path).result()
    except BrokenProcessPool:
        message = "the process that read this file died"
        return Lowered(path, None, Problem(path, None, message, True), 0.0)


@contextmanager
def _rarely_collecting() -> Iterator[None]:
    """Hardly anything here is cyclic, and the collector looks through all modules every time."""
    before = gc.get_threshold()
    gc.set_threshold(*COLLECTIONS)
    try:
        yield
    finally:
        gc.set_threshold(*before)


# --- small parts ---------------------------------------------------------------------------------


def link_modules(modules: Iterable[Module], settings: Settings, target: tuple[int, int]) -> Project:
    """The project of these modules, with what the settings say of it."""
    told = Told(
        frozenset(settings.session_types),
        frozenset(settings.session_factories),
        frozenset(settings.committing_decorators),
    )
    return link(modules, load(target), told)


def visible(
    path: str,
    findings: Sequence[Finding],
    source: bytes,
    quiet: Suppressions,
    elsewhere: Mapping[tuple[str, int], Span] | None = None,
) -> list[Finding]:
    """The findings of one file with their places, without those that a comment silences where
    they are told or at either end of their path. ``elsewhere`` places the steps in other files."""
    from sqla_lint.syntax import locate

    own = ("", path)
    refs = {f.at for f in findings} | {s.at for f in findings for s in f.steps if s.path in own}
    spans = locate(source, refs) if refs else {}
    others = elsewhere or {}
    out = []
    for finding in findings:
        span = spans.get(finding.at)
        if span is None:
            continue
        steps = tuple(
            s._replace(span=spans.get(s.at) if s.path in own else others.get((s.path, s.at)))
            for s in finding.steps
        )
        ends = (s.span for s in steps[:1] + steps[-1:] if s.span is not None and s.path in own)
        if not quiet.covers(finding.code, finding.name, span, *ends):
            out.append(replace(finding, span=span, steps=steps))
    return out


def target_of(settings: Settings, path: Path) -> Target:
    """The SQLAlchemy version the code is for: from the settings, else from the project's files."""
    if settings.target_version is None:
        return find_target(path)
    major, minor = settings.target_version.split(".")[:2]
    return Target((int(major), int(minor)), "settings")


def decoded(source: bytes) -> str:
    """The text of a file that has been parsed already."""
    from sqla_lint.syntax.parse import decode

    return decode(source, "")


def _by_path(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    grouped: dict[str, list[Finding]] = {}
    for finding in findings:
        grouped.setdefault(finding.path, []).append(finding)
    return grouped


def _os_message(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[:1].lower() + error.strerror[1:]
    return str(error)
