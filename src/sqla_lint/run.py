"""One run, top to bottom: the only module that knows the order of things, and processes."""

from __future__ import annotations

import gc
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias, TypeVar

import sqla_lint.rules  # noqa: F401  (registers every rule)
from sqla_lint import witness
from sqla_lint.cache import Cache
from sqla_lint.catalog import load
from sqla_lint.commented import about_comments, comments_of
from sqla_lint.conventions import told_once
from sqla_lint.decoding import decode
from sqla_lint.discover import discover, is_excluded
from sqla_lint.finding import Finding, Span, Step
from sqla_lint.gather import Gathering, spelled, told
from sqla_lint.halves import elsewhere, may_fork
from sqla_lint.lint import PRECEDENCE, lint
from sqla_lint.lowering import Workers, jobs_of, lower_bytes
from sqla_lint.memory import collect
from sqla_lint.notebook import by_cell, cell_path, is_notebook
from sqla_lint.notebook import read as read_notebook
from sqla_lint.outcome import Outcome, Problem
from sqla_lint.programs import APART_FROM, apart, size_of
from sqla_lint.project import surroundings
from sqla_lint.project.index import Index
from sqla_lint.project.knowledge import Knowledge
from sqla_lint.project.link import relink_all
from sqla_lint.project.linked import Project
from sqla_lint.project.target import Target, find_target, find_versions
from sqla_lint.reading import as_python, read_python
from sqla_lint.recall import Found, Program, program
from sqla_lint.rule import Comments, Report, RuleInfo, rules
from sqla_lint.scopes import Scopes
from sqla_lint.settings import Settings, ignored_in, selected, shows
from sqla_lint.suppress import Suppressions, suppressions

_T = TypeVar("_T")
FixMode: TypeAlias = Literal["none", "fix", "diff"]

# Of a file with this path and source, where refs are.
Places: TypeAlias = Callable[[str, bytes, set[int]], dict[int, Span]]
Progress: TypeAlias = Callable[[int, int, str], None]


class Understood(NamedTuple):
    """A project as the rules see it."""

    project: Project
    target: tuple[int, int]
    source: str  # where the target version was read
    problems: tuple[Problem, ...]


def run(
    paths: Sequence[Path],
    settings: Settings,
    *,
    fix: FixMode = "none",
    unsafe: bool = False,
    stdin: tuple[str, bytes] | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
    cache: Cache | None = None,
    scopes: Scopes | None = None,
) -> Outcome:
    """Lint, and with ``fix`` mend, the Python files of ``paths`` or the source on ``stdin``.

    ``executor`` runs the per-file work; by default a process pool for many files. ``cache`` keeps
    what is known of files. ``scopes`` are the settings file by file; by default ``settings`` and
    their overrides. Raises nothing for what is wrong with a file: that is a `Problem`.
    """
    progress = progress or (lambda *_: None)
    scopes = scopes or Scopes(settings)
    with _never_collecting():
        files, problems = given(paths, stdin, scopes)
        start = Path(stdin[0]) if stdin is not None else next(iter(paths), Path())
        as_it_was = stdin[1] if stdin is not None and not files and fix == "fix" else None
        outcomes = [Outcome(problems=problems, files=len(files), mended=as_it_was)]
        cache = cache or Cache(None)
        parts = [
            (target[0], part)
            for target, some in by_target(files, scopes, start).items()
            for part in _programs(some, paths, scopes, target[0], cache)
        ]
        if len(parts) > 1:  # the largest finds the heap empty: what others leave lies about in it
            parts.sort(key=lambda one: size_of(one[1]), reverse=True)
            collect()
        every = frozenset(files)
        child = len(parts) > 1 and fix == "none" and executor is None and may_fork()
        child = child and size_of(files) >= APART_FROM
        for version, part in parts:
            one = _Run(scopes, version, fix, unsafe, progress, executor, cache)
            if child:
                progress(0, len(part), part[0])
                outcomes.append(_from_child(partial(one.go, part, stdin, every), cache))
                continue
            outcomes.append(one.go(part, stdin, every))
            if len(parts) > 1:
                del one
                collect()
        cache.close()
        return together(outcomes)


def _from_child(work: Callable[[], Outcome], cache: Cache) -> Outcome:
    """The outcome of one of many programs, linted by a child; what else it tells is taken over."""

    def all_of_it() -> tuple[Outcome, dict[str, witness.Look] | None, tuple[int, int, bool]]:
        return work(), witness.seen(), cache.usage()

    outcome, looks, usage = elsewhere(all_of_it)
    witness.also(looks)
    cache.used(*usage)
    return outcome


def understood(paths: Sequence[Path], settings: Settings) -> Understood:
    """The project of some paths, linked as for a run, and no rule asked."""
    with _never_collecting():
        scopes = Scopes(settings)
        target = target_of(settings, next(iter(paths), Path()))
        one = _Run(scopes, target.version, "none", False, lambda *_: None, None, Cache(None))
        files, problems = given(paths, None, scopes)
        one._gather(files)
        return Understood(one.project, target.version, target.source, (*problems, *one.problems))


class _Run:
    def __init__(
        self,
        scopes: Scopes,
        target: tuple[int, int],
        fix: FixMode,
        unsafe: bool,
        progress: Progress,
        executor: Executor | None,
        cache: Cache,
    ) -> None:
        self.scopes = scopes
        self.fix = fix
        self.unsafe = unsafe
        self.progress = progress
        self.executor = executor
        self.cache = cache
        self.every_rule = rules()
        self.asked: dict[int, dict[str, RuleInfo]] = {}  # per settings
        self.rules: dict[str, RuleInfo] = {}  # those that some file asks for
        self.target = target
        self.problems: list[Problem] = []
        self.timings: dict[str, float] = {}
        self.refused: list[str] = []
        self.diffs: list[str] = []
        self.fixed = 0
        self.stdin: str | None = None
        self.commented: list[str] = []
        self.quiet: dict[str, Suppressions] = {}
        self.project = Project(Knowledge(Index(()), load(self.target)))
        self.bytes: dict[str, bytes] = {}
        self.linked: dict[str, bytes] = {}  # what was put in the project since it was linked
        self.program: Program | None = None  # where a cache can tell of it
        self.starts: dict[str, Sequence[int]] | None = None  # see `Module.starts`
        self.every: frozenset[str] = frozenset()  # the files of all programs

    def go(
        self, files: list[str], stdin: tuple[str, bytes] | None, every: frozenset[str]
    ) -> Outcome:
        self.every = every
        if stdin is not None:
            self.stdin = stdin[0]
            self.bytes[stdin[0]] = stdin[1]
        found = self._found(files)
        findings = found.findings
        sources: dict[str, str] = {}
        if self.fix != "none":
            findings = self._timed("fix", lambda: self._mend(findings, stdin))
        located = self._timed("locate", lambda: self._located(findings, sources))
        if self.program is not None:
            self.program.keep(found, self.problems)
        located = self._by_cell(located + self._about_comments(sources), sources)
        return Outcome(
            findings=tuple(located),
            problems=tuple(self.problems),
            fixed=self.fixed,
            refused=tuple(self.refused),
            diffs=tuple(self.diffs),
            unresolved=found.unresolved,
            sources=sources,
            timings=self.timings,
            mended=self.bytes[stdin[0]] if stdin is not None and self.fix == "fix" else None,
        )

    def _timed(self, stage: str, work: Callable[[], _T]) -> _T:
        start = time.perf_counter()
        try:
            return work()
        finally:
            self.timings[stage] = self.timings.get(stage, 0.0) + time.perf_counter() - start

    # --- from paths to modules -----------------------------------------------------------------

    def _found(self, files: list[str]) -> Found:
        """What the rules find, or found when there was nothing else to be seen."""
        surroundings.searches = {}
        try:
            known = self._timed("read", lambda: self._gather(files))
            if known is not None:
                return known
            wanted = set(files)
            findings = self._timed("rules", lambda: self._lint(self.project, wanted))
            return Found(findings, self._unresolved(wanted))
        finally:
            if self.program is not None:
                self.program.searches = surroundings.searches
            surroundings.searches = None

    def _gather(self, files: list[str]) -> Found | None:
        """Read and link the project, unless it is known what would be found in it."""
        several = self.scopes.all(files) or [self.scopes.main]
        self.asked = {id(one): selected(one, self.every_rule) for one in several}
        some = {code for chosen in self.asked.values() for code in chosen}
        self.rules = {code: info for code, info in self.every_rule.items() if code in some}
        user = told(*several)
        self.cache.rests_on(spelled(user))
        known = None
        with Workers(jobs_of(self.scopes.main.jobs), self.executor) as workers:
            gathering = Gathering(user, self.target, workers, self.cache, self.progress, self.bytes)
            gathering.elsewhere = self.every
            gathering.scan(files)
            if self.cache.kept and self.fix == "none" and self.stdin is None:
                settings = {file: self.scopes.of(file) for file in files}
                self.program = program(gathering, settings, os.path.abspath("."))
                known = self._timed("recall", self.program.recall)
            if known is None:
                self.project = gathering.project()
        self.problems += gathering.problems
        self.commented = gathering.commented
        self.timings.update(gathering.timings)
        return known

    # --- from modules to findings --------------------------------------------------------------

    def _lint(self, project: Project, wanted: set[str]) -> list[Finding]:
        forks = self.executor is None and jobs_of(self.scopes.main.jobs) > 1
        findings, troubles = lint(
            project, self.rules, wanted, self.target, self._shows, forks=forks
        )
        for trouble in troubles:
            self.problems.append(Problem(trouble.path, None, trouble.message, True))
        ignored = {
            path: ignored_in(self.scopes.of(path), path, self.every_rule)
            for path in {f.path for f in findings}
        }
        asked = [f for f in findings if f.code not in ignored[f.path]]
        if self.fix != "none":
            return asked
        conventions = {code for code, info in self.rules.items() if info.convention}
        return list(told_once(asked, conventions, lambda path: self.scopes.of(path).pedantic))

    def _unresolved(self, wanted: set[str]) -> dict[str, int]:
        total: Counter[str] = Counter()
        for inferred in self.project.inferred.values():
            if inferred.unresolved and inferred.typed.module.path in wanted:
                total.update(inferred.unresolved)
        return dict(total)

    def _asked(self, path: str) -> dict[str, RuleInfo]:
        """The rules for a file; one that is only read to understand others is never told of."""
        return self.asked.get(id(self.scopes.of(path)), {})

    def _shows(self, info: RuleInfo, report: Report, path: str) -> bool:
        settings = self.scopes.of(path)
        if info.code not in self._asked(path) or not shows(settings, report.confidence):
            return False
        if report.group == "preview":
            return settings.preview
        return report.group != "pedantic" or settings.pedantic

    def _located(self, findings: list[Finding], sources: dict[str, str]) -> list[Finding]:
        out: list[Finding] = []
        self.quiet.clear()  # files may have been mended
        elsewhere = placed_elsewhere(findings, self._read, self._places)
        for path, _ in elsewhere:
            sources.setdefault(path, decoded(self._read(path)))
        for path, group in _by_path(findings).items():
            source = self._read(path)
            sources[path] = decoded(source)
            out += visible(
                path, group, source, self._quiet(path), elsewhere, self._quiet, self._places
            )
        return out

    def _quiet(self, path: str) -> Suppressions:
        """The suppression comments of a file, which remember what they silenced."""
        if path not in self.quiet:
            self.quiet[path] = suppressions(decoded(self._read(path)))
        return self.quiet[path]

    def _about_comments(self, sources: dict[str, str]) -> list[Finding]:
        """What is to be said of suppression comments, now that it is known what they silenced."""
        out: list[Finding] = []
        for path in self.commented:
            rules_here = self._asked(path)
            asking = [info for info in rules_here.values() if info.view == "Comments"]
            if not asking:
                continue
            settings = self.scopes.of(path)
            sources.setdefault(path, decoded(self._read(path)))
            quiet = self._quiet(path)
            asked = rules_here.keys() - ignored_in(settings, path, self.every_rule)
            comments = comments_of(
                sources[path], quiet, self.every_rule, asked, settings.require_reasons
            )
            found = about_comments(path, comments, [i for i in asking if i.code in asked])
            if self.fix != "none" and any(f.rewrite is not None for f in found):
                found = self._uncommented(path, comments, found)
            out += found
        return out

    def _uncommented(self, path: str, comments: Comments, found: list[Finding]) -> list[Finding]:
        """Take out the comments that silence nothing; what is left to say."""
        from sqla_lint.fix import WriteError, unified_diff, write_atomically
        from sqla_lint.fix.silence import without
        from sqla_lint.fix.source import decode

        before = self._read(path)
        after = decode(before).encode(
            without(comments.source, dict(comments.unused()), comments.quiet.places)
        )
        if self.fix == "diff":
            self.diffs.append(unified_diff(path, before, after))
            return found
        try:
            if path != self.stdin:
                write_atomically(path, after, expected=before)
        except (OSError, WriteError) as error:
            reason = _os_message(error).removeprefix(f"{path}: ")
            self.problems.append(Problem(path, None, reason, True))
            return found
        self.bytes[path] = after
        mended = [f for f in found if f.rewrite is not None]
        self.fixed += len(mended)
        return [f for f in found if f not in mended]

    def _by_cell(self, findings: list[Finding], sources: dict[str, str]) -> list[Finding]:
        """Sorted, those of notebooks in their cells."""
        out = [finding for finding in findings if not is_notebook(finding.path)]
        for path in sorted({f.path for f in findings} - {f.path for f in out}):
            cells = read_notebook(Path(path).read_bytes())
            out += by_cell(cells, [f for f in findings if f.path == path])
            sources.update((cell_path(path, cell.number), cell.source) for cell in cells.cells)
        out.sort(key=lambda f: (f.path, f.span or (), f.code))
        return out

    def _places(self, path: str, source: bytes, refs: set[int]) -> dict[int, Span]:
        starts: Sequence[int] = ()
        if self.fix == "none":  # else a module may be that of a fix which was taken back
            if self.starts is None:
                modules = self.project.knowledge.index.modules.values()
                self.starts = {module.path: module.starts for module in modules}
            starts = self.starts.get(path, ())

        def located(source: bytes, refs: set[int]) -> dict[int, Span]:
            return _located_in(path, source, refs, starts)

        if self.program is None:
            return located(source, refs)
        return self.program.places(source, refs, located)

    def _read(self, path: str) -> bytes:
        known = self.bytes.get(path)
        return read_python(path) if known is None else as_python(path, known)

    # --- mending -------------------------------------------------------------------------------

    def _mend(self, findings: list[Finding], stdin: tuple[str, bytes] | None) -> list[Finding]:
        """Apply the fixes; what is left of the findings."""
        from sqla_lint.fix import WriteError, fixing, unified_diff, write_atomically
        from sqla_lint.fix.together import side_by_side

        left: list[Finding] = []
        groups = sorted(_by_path(findings).items())
        sources = {
            path: self._read(path)
            for path, group in groups
            if any(f.rewrite for f in group) and not is_notebook(path)
        }
        alone = len(sources) == 1
        work = {
            path: fixing(path, source, self.unsafe, reveals=PRECEDENCE, alone=alone)
            for path, source in sources.items()
        }
        outcomes = side_by_side(work, self._again)
        for path, group in groups:
            outcome = outcomes.get(path)
            if outcome is None:
                left += group
                continue
            source = sources[path]
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

    def _again(self, sources: Mapping[str, bytes], wanted: set[str]) -> dict[str, list[Finding]]:
        """The findings of the ``wanted`` files in the project with these other bytes in some."""
        modules = {
            path: lowered.module
            for path, source in sources.items()
            if self.linked.get(path) != source
            and (lowered := lower_bytes(path, source)).module is not None
        }
        self.linked.update({path: sources[path] for path in modules})
        if modules:
            relink_all(self.project, [module for module in modules.values() if module is not None])
        understood = {path for path in wanted if self.linked.get(path) == sources[path]}
        found = _by_path(self._lint(self.project, understood))
        quiet: dict[str, Suppressions] = {}

        def now(path: str) -> bytes:
            return sources[path] if path in sources else self._read(path)

        def comments(path: str) -> Suppressions:
            if path not in quiet:
                quiet[path] = suppressions(decoded(now(path)))
            return quiet[path]

        def seen(path: str, findings: list[Finding]) -> list[Finding]:
            far = {end.path for f in findings for end in ends(f) if end.path not in ("", path)}
            if not any(comments(other).directives for other in (path, *far)):
                return findings
            elsewhere = placed_elsewhere(findings, now)
            return visible(path, findings, sources[path], comments(path), elsewhere, comments)

        return {path: seen(path, found.get(path, [])) for path in wanted}


@contextmanager
def _never_collecting() -> Iterator[None]:
    """Hardly anything here is cyclic and dies before the run ends, and the cyclic collector looks
    through millions of operations every time: up to a tenth of the time of a run."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


# --- which files ------------------------------------------------------------------------------


def given(
    paths: Sequence[Path], stdin: tuple[str, bytes] | None, scopes: Scopes
) -> tuple[list[str], tuple[Problem, ...]]:
    """The files to lint, and what is wrong with the paths and their settings."""
    if stdin is not None:
        left_out = scopes.main.force_exclude and is_excluded(Path(stdin[0]), scopes)
        files, problems = ([] if left_out else [stdin[0]]), []
        scopes.of(stdin[0])
    else:
        found = discover(paths, scopes)
        files = [str(file) for file in found.files]
        problems = [Problem(one.path, None, one.message, one.fatal) for one in found.troubles]
        for file in files:
            scopes.of(file)
    problems += [
        Problem(str(error.path), error.line, error.message, True) for error in scopes.troubles
    ]
    return files, tuple(problems)


def by_target(
    files: Sequence[str], scopes: Scopes, start: Path
) -> dict[tuple[tuple[int, int], str], list[str]]:
    """The files that make up a program together: those for one SQLAlchemy and one database.

    No process has two releases of a library, so nothing is lost between the groups.
    """
    chosen = {file: scopes.of(file) for file in files}
    found = find_versions(file for file in files if chosen[file].target_version is None)
    groups: dict[tuple[tuple[int, int], str], list[str]] = {}
    for file, settings in chosen.items():
        version = found[file] if file in found else target_of(settings, start).version
        groups.setdefault((version, settings.dialect or ""), []).append(file)
    return groups


def _programs(
    files: list[str], paths: Sequence[Path], scopes: Scopes, target: tuple[int, int], cache: Cache
) -> list[list[str]]:
    """The files of each program among many: of others nothing is known while one is linted."""
    if size_of(files) < APART_FROM:
        return [files]
    user = told(*scopes.all(files))
    cache.rests_on(spelled(user))
    return apart(files, paths, Gathering(user, target, Workers(1), cache).glance)


def together(outcomes: Sequence[Outcome]) -> Outcome:
    """What several runs over different files found, as one."""
    problems = [problem for one in outcomes for problem in one.problems]
    findings = [finding for one in outcomes for finding in one.findings]
    unresolved: Counter[str] = Counter()
    timings: Counter[str] = Counter()
    sources: dict[str, str] = {}
    for one in outcomes:
        unresolved.update(one.unresolved)
        timings.update(one.timings)  # seconds add up as well
        sources.update(one.sources)
    return Outcome(
        findings=tuple(sorted(findings, key=lambda f: (f.path, f.span or (), f.code))),
        problems=tuple(sorted(problems, key=lambda p: (p.path, p.line or 0))),
        files=sum(one.files for one in outcomes),
        fixed=sum(one.fixed for one in outcomes),
        refused=tuple(text for one in outcomes for text in one.refused),
        diffs=tuple(text for one in outcomes for text in one.diffs),
        unresolved=dict(unresolved),
        sources=sources,
        timings=dict(timings),
        mended=next((one.mended for one in outcomes if one.mended is not None), None),
    )


# --- small parts ---------------------------------------------------------------------------------


def visible(
    path: str,
    findings: Sequence[Finding],
    source: bytes,
    quiet: Suppressions,
    elsewhere: Mapping[tuple[str, int], Span] | None = None,
    far: Callable[[str], Suppressions] | None = None,
    places: Places | None = None,
) -> list[Finding]:
    """The findings of one file with their places, without those that a comment silences where
    they are told or at either end of their path. ``elsewhere`` places the steps in other files,
    ``far`` gives the comments there, ``places`` the steps in this one."""
    own = ("", path)
    refs = {f.at for f in findings} | {s.at for f in findings for s in f.steps if s.path in own}
    spans = (places or _located_in)(path, source, refs) if refs else {}
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
        found = replace(finding, span=span, steps=steps)
        near = (end.span for end in ends(found) if end.span is not None and end.path in own)
        silenced = quiet.covers(finding.code, finding.name, span, *near)
        for end in ends(found):
            if far is not None and end.path not in own and end.span is not None:
                silenced |= far(end.path).covers(finding.code, finding.name, end.span)
        if not silenced:
            out.append(found)
    return out


def ends(finding: Finding) -> tuple[Step, ...]:
    """The first and the last step of its path."""
    return finding.steps[:1] + finding.steps[-1:]


def placed_elsewhere(
    findings: Iterable[Finding],
    read: Callable[[str], bytes],
    places: Places | None = None,
) -> dict[tuple[str, int], Span]:
    """The places of steps that lie in another file than their finding."""
    wanted: dict[str, set[int]] = {}
    for finding in findings:
        for step in finding.steps:
            if step.path not in ("", finding.path):
                wanted.setdefault(step.path, set()).add(step.at)
    return {
        (path, ref): span
        for path, refs in wanted.items()
        for ref, span in (places or _located_in)(path, read(path), refs).items()
    }


def _located_in(
    path: str, source: bytes, refs: set[int], starts: Sequence[int] = ()
) -> dict[int, Span]:
    from sqla_lint.syntax import locate  # parses

    return locate(source, refs, starts)


def target_of(settings: Settings, path: Path) -> Target:
    """The SQLAlchemy version the code is for: from the settings, else from the project's files."""
    if settings.target_version is None:
        return find_target(path)
    major, minor = settings.target_version.split(".")[:2]
    return Target((int(major), int(minor)), "settings")


def decoded(source: bytes) -> str:
    """The text of a file that has been parsed already."""
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
