"""One folder of the workspace: its project, linked once and kept in memory; a changed file is
linted alone.

After a change only that module is inferred again, in the project as it was: what the change means
for other files shows when those are linted next, which saving does for the open ones.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from sqla_lint import run
from sqla_lint.commented import about_comments, comments_of
from sqla_lint.discover import discover, is_excluded
from sqla_lint.docs import registry
from sqla_lint.finding import Applicability, Finding
from sqla_lint.fix import fix_file
from sqla_lint.fix.silence import without
from sqla_lint.gather import Gathering, cache_of, spelled, told
from sqla_lint.lint import PRECEDENCE, lint
from sqla_lint.lowering import Workers, jobs_of, lower_bytes
from sqla_lint.memory import collect
from sqla_lint.project.link import relink
from sqla_lint.project.linked import Project
from sqla_lint.reading import read_python
from sqla_lint.rule import Comments, Report, RuleInfo
from sqla_lint.scopes import Scopes
from sqla_lint.settings import Settings, find, ignored_in, read, selected, shows
from sqla_lint.suppress import Suppressions, suppressions

Progress = Callable[[int, int], None]


class Linked(NamedTuple):
    """The files that make up a program together, for one SQLAlchemy."""

    project: Project
    target: tuple[int, int]


@dataclass(slots=True)
class Folder:
    """A folder of the workspace. Paths are absolute."""

    root: Path
    scopes: Scopes = field(default_factory=lambda: Scopes(Settings()))
    programs: dict[tuple[tuple[int, int], str], Linked] = field(default_factory=dict)

    def load(self, progress: Progress | None = None) -> None:
        """Read settings and all files, and link them. Raises `SettingsError`.

        What is linked stays: the cyclic collector would look through all of it again and again,
        which takes longer than a change of a file does.
        """
        gc.unfreeze()
        self.programs = {}
        collect()
        collecting = gc.isenabled()
        gc.disable()
        try:
            self._load(progress)
        finally:
            gc.freeze()
            if collecting:
                gc.enable()

    def _load(self, progress: Progress | None) -> None:
        file = find(self.root)
        start = read(file, registry()) if file else Settings(root=self.root)
        self.scopes = Scopes(start, rules=registry())
        files = [str(found) for found in discover([self.root], self.scopes).files]
        groups = run.by_target(files, self.scopes, self.root)
        with Workers(jobs_of(start.jobs)) as workers:
            for key, some in (
                groups or {(run.target_of(start, self.root).version, ""): []}
            ).items():
                user = told(*self.scopes.all(some))
                cache = cache_of(start, self.root)
                cache.rests_on(spelled(user))
                shown = (lambda *_: None) if progress is None else _counted(progress)
                gathering = Gathering(user, key[0], workers, cache, shown)
                linked = gathering.project(some)
                linked.knowledge.index.facts.kept = True
                self.programs[key] = Linked(linked, key[0])
                cache.close()

    def holds(self, path: str) -> bool:
        """Whether a file lies in this folder."""
        return Path(path).is_relative_to(self.root)

    def program(self, path: str) -> Linked | None:
        """The program that a file is, or would be, a part of."""
        (key,) = run.by_target([path], self.scopes, self.root)
        return self.programs.get(key) or next(iter(self.programs.values()), None)

    def findings(
        self, path: str, text: str, others: Mapping[str, str] | None = None
    ) -> tuple[Finding, ...] | None:
        """The located findings of a file with this text; None while it cannot be parsed.

        ``others`` are the texts of files that lie open: steps there are placed in them.
        """
        if is_excluded(Path(path), self.scopes):  # a library that the editor has jumped into
            return ()
        source = text.encode()
        found = self._lint(path, source)
        if found is None:
            return None
        quiet = suppressions(text)

        def read(name: str) -> bytes:
            return _bytes(name, others or {})

        elsewhere = run.placed_elsewhere(found, read)
        located = run.visible(
            path,
            found,
            source,
            quiet,
            elsewhere,
            lambda name: suppressions(run.decoded(read(name))),
        )
        comments, asking = self._comments(path, text, quiet)
        located += about_comments(path, comments, asking)
        return tuple(sorted(located, key=lambda f: (f.span or (), f.code)))

    def fixed(self, path: str, text: str, finding: Finding | None, unsafe: bool) -> str | None:
        """The text after the fix of one finding, or of all; None when nothing was fixed.

        The fix is verified as ``--fix`` does it: the finding is gone and none has come.
        """
        if finding is not None and finding.at < 0:  # about a comment
            return self._uncommented(path, text, finding)
        first = True

        def linted(source: bytes) -> list[Finding]:
            nonlocal first
            found = self._lint(path, source) or []
            if finding is not None:
                found = [
                    one if first and _same(one, finding) else replace(one, rewrite=None)
                    for one in found
                ]
                first = False
            return found

        source = text.encode()
        outcome = fix_file(path, source, linted, unsafe, reveals=PRECEDENCE)
        self._lint(path, source)  # the project goes on with what the editor holds
        new = outcome.new_bytes.decode()
        if finding is None:
            new = self._uncommented(path, new, None) or new
        return None if new == text else new

    def _uncommented(self, path: str, text: str, finding: Finding | None) -> str | None:
        """The text without the comment that a finding is about, or without all idle ones."""
        quiet = suppressions(text)
        source = text.encode()
        run.visible(path, self._lint(path, source) or [], source, quiet)  # what they silence
        comments, asking = self._comments(path, text, quiet)
        if not any(info.fix == "safe" for info in asking):
            return None
        line = finding.span.line if finding is not None and finding.span is not None else 0
        idle = {
            directive: selectors
            for directive, selectors in comments.unused()
            if line in (0, directive.line)
        }
        new = without(text, idle, quiet.places)
        return None if new == text else new

    def _comments(
        self, path: str, text: str, quiet: Suppressions
    ) -> tuple[Comments, list[RuleInfo]]:
        """The view of a file's suppression comments, and the rules that are to judge them."""
        every, settings = registry(), self.scopes.of(path)
        chosen = selected(settings, every)
        asked = chosen.keys() - ignored_in(settings, path, every)
        comments = comments_of(text, quiet, every, asked, settings.require_reasons)
        asking = [chosen[code] for code in sorted(asked) if chosen[code].view == "Comments"]
        return comments, asking

    def _lint(self, path: str, source: bytes) -> list[Finding] | None:
        program = self.program(path)
        if program is None:
            return None
        lowered = lower_bytes(path, source)
        if lowered.problem is not None:
            return None
        if lowered.module is None:
            return []
        relink(program.project, lowered.module)
        every, settings = registry(), self.scopes.of(path)

        def wanted(info: RuleInfo, report: Report, path: str) -> bool:
            if not shows(settings, report.confidence):
                return False
            return report.group != "pedantic" or settings.pedantic

        rules = selected(settings, every)
        found, _ = lint(program.project, rules, {path}, program.target, wanted)
        ignored = ignored_in(settings, path, every)
        return [finding for finding in found if finding.code not in ignored]


def _counted(progress: Progress) -> Callable[[int, int, str], None]:
    return lambda done, total, _: progress(done, total)


def _bytes(path: str, others: Mapping[str, str]) -> bytes:
    known = others.get(path)
    return read_python(path) if known is None else known.encode()


def _same(one: Finding, other: Finding) -> bool:
    return (one.code, one.at) == (other.code, other.at)


def fixable(findings: Iterable[Finding]) -> bool:
    """Whether some finding has a safe fix."""
    return any(
        f.rewrite is not None and f.rewrite.applicability is Applicability.SAFE for f in findings
    )
