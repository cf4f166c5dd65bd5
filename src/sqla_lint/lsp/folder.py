"""One workspace folder, linked once and kept in memory; a changed file is linted alone.

After a change only that module is inferred again, in the project as it was: what the change means
for other files shows when those are linted next, which saving does for the open ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqla_lint import run
from sqla_lint.discover import discover
from sqla_lint.docs import registry
from sqla_lint.finding import Applicability, Finding
from sqla_lint.fix import fix_file
from sqla_lint.gather import Gathering, cache_of
from sqla_lint.lint import PRECEDENCE, lint
from sqla_lint.lowering import Workers, jobs_of, lower_bytes
from sqla_lint.project.link import relink
from sqla_lint.project.linked import Project
from sqla_lint.project.target import DEFAULT
from sqla_lint.rule import Report, RuleInfo
from sqla_lint.settings import Settings, find, ignored_in, read, selected, shows
from sqla_lint.suppress import suppressions

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Folder:
    """A folder of the workspace. Paths are absolute."""

    root: Path
    settings: Settings = field(default_factory=Settings)
    target: tuple[int, int] = DEFAULT
    project: Project | None = None

    def load(self, progress: Progress | None = None) -> None:
        """Read settings and all files, and link them. Raises `SettingsError`."""
        file = find(self.root)
        settings = read(file, registry()) if file else Settings(root=self.root)
        self.settings = settings
        self.target = run.target_of(settings, self.root).version
        files = [str(found) for found in discover([self.root], settings).files]
        with Workers(jobs_of(settings.jobs)) as workers:
            gathering = Gathering(
                settings,
                self.target,
                workers,
                cache_of(settings, self.root),
                (lambda *_: None) if progress is None else lambda n, of, _: progress(n, of),
            )
            self.project = gathering.project(files)
            gathering.cache.close()

    def holds(self, path: str) -> bool:
        """Whether a file lies in this folder."""
        return Path(path).is_relative_to(self.root)

    def findings(self, path: str, text: str) -> tuple[Finding, ...] | None:
        """The located findings of a file with this text; None while it cannot be parsed."""
        source = text.encode()
        found = self._lint(path, source)
        if found is None:
            return None
        located = run.visible(path, found, source, suppressions(text))
        return tuple(sorted(located, key=lambda f: (f.span or (), f.code)))

    def fixed(self, path: str, text: str, finding: Finding | None, unsafe: bool) -> str | None:
        """The text after the fix of one finding, or of all; None when nothing was fixed.

        The fix is verified as ``--fix`` does it: the finding is gone and none has come.
        """
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
        return None if outcome.new_bytes == source else outcome.new_bytes.decode()

    def _lint(self, path: str, source: bytes) -> list[Finding] | None:
        project = self.project
        if project is None:
            return None
        lowered = lower_bytes(path, source)
        if lowered.problem is not None:
            return None
        if lowered.module is None:
            return []
        relink(project, lowered.module)
        every = registry()
        rules = selected(self.settings, every)
        found, _ = lint(project, rules, {path}, self.target, self._shows)
        ignored = ignored_in(self.settings, path, every)
        return [finding for finding in found if finding.code not in ignored]

    def _shows(self, info: RuleInfo, report: Report) -> bool:
        if not shows(self.settings, report.confidence):
            return False
        hidden = report.group == "pedantic" and info.group == "on"
        return self.settings.pedantic or not hidden


def _same(one: Finding, other: Finding) -> bool:
    return (one.code, one.at) == (other.code, other.at)


def fixable(findings: Iterable[Finding]) -> bool:
    """Whether some finding has a safe fix."""
    return any(
        f.rewrite is not None and f.rewrite.applicability is Applicability.SAFE for f in findings
    )
