"""The Python API: lint paths or a source, and get findings as data.

    from sqla_lint import lint_paths

    for finding in lint_paths(["src"]).findings:
        print(finding.path, finding.span, finding.code, finding.message)

What is named here is stable within a major version; everything else in the package is not.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

from sqla_lint.docs import registry
from sqla_lint.finding import Finding
from sqla_lint.outcome import Problem
from sqla_lint.run import run
from sqla_lint.scopes import Scopes, common_folder
from sqla_lint.settings import Settings, SettingsError, find, read

__all__ = [
    "Finding",
    "Problem",
    "Result",
    "Settings",
    "SettingsError",
    "lint_paths",
    "lint_source",
    "load_settings",
]


@dataclass(frozen=True, slots=True)
class Result:
    """What a run found.

    findings    located, sorted by file and place
    problems    files that could not be linted, with the reason
    files       how many files were linted
    """

    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]
    files: int


def load_settings(start: str | PathLike[str] = ".") -> Settings:
    """The settings that hold for a path: of the nearest settings file above it, else the defaults.

    Raises `SettingsError`, which names file and line, for a file that must be mended.
    """
    path = Path(start)
    folder = path if path.is_dir() else path.parent
    file = find(folder)
    return read(file, registry()) if file else Settings(root=folder.absolute())


def _scopes(settings: Settings | None, start: str | PathLike[str]) -> Scopes:
    """The settings that were given, for all files; else for each file those nearest to it."""
    if settings is not None:
        return Scopes(settings)
    return Scopes(load_settings(start), rules=registry())


def lint_paths(
    paths: Iterable[str | PathLike[str]],
    *,
    settings: Settings | None = None,
    executor: Executor | None = None,
) -> Result:
    """Lint files and folders, as ``sqla-lint PATH...`` does.

    ``settings`` hold for all files; by default each has those of the settings file nearest to it.
    ``executor`` does the work that is done file by file; by default it is a process pool where
    there are many files.
    Raises `SettingsError`; what is wrong with a file is a `Problem` of the result.
    """
    starts = [Path(path) for path in paths]
    scopes = _scopes(settings, common_folder(starts) if starts else ".")
    outcome = run(starts, scopes.main, executor=executor, scopes=scopes)
    return Result(outcome.findings, outcome.problems, outcome.files)


def lint_source(
    source: str | bytes, filename: str = "<source>", *, settings: Settings | None = None
) -> Result:
    """Lint one module from memory, as ``sqla-lint - --stdin-filename NAME`` does.

    With the name of a file inside a project, what the module imports from there is known.
    """
    scopes = _scopes(settings, filename)
    data = source.encode() if isinstance(source, str) else source
    outcome = run((), scopes.main, stdin=(filename, data), scopes=scopes)
    return Result(outcome.findings, outcome.problems, outcome.files)
