"""Break, lint, compare."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from mutation.candidates import LEAKS, Mutant, mutants, refs, still_leaks
from mutation.edits import Source
from sqla_lint.finding import Confidence
from sqla_lint.flow.effects import Effects
from sqla_lint.lowering import lower_file
from sqla_lint.project.link import relink
from sqla_lint.project.linked import Project
from sqla_lint.rule import Report, RuleInfo, rules
from sqla_lint.syntax.locate import locate
from sqla_lint.views import Function

import sqla_lint.rules  # noqa: F401 isort: skip

_FAMILIES = ("SAL1", "SAL2")
# How an object is opened and ended; the others ask the whole project about something else.
_OTHERS = frozenset({"SAL106", "SAL109", "SAL110", "SAL111", "SAL113", "SAL114", "SAL116"})


class Measured(NamedTuple):
    """A mutant, and what was newly found in its function."""

    path: str
    function: str
    mutant: Mutant
    default: frozenset[str]
    pedantic: frozenset[str]


def measure(
    project: Project,
    sources: dict[str, bytes],
    target: tuple[int, int],
    limit: int,
    most: int | None = None,
) -> Iterator[Measured]:
    """Mutants of the files: up to a number per file; of those, up to a number in all, spread over
    the mutations and access patterns."""
    found = [
        one
        for path, source in sorted(sources.items())
        for one in _spread(_candidates(project, path, source, target), limit)
    ]
    for path, some in groupby(_stratified(found, most), key=lambda one: one.path):
        yield from _of_file(project, path, list(some), target)


class Candidate(NamedTuple):
    """A mutant of a function of a file."""

    path: str
    label: str
    mutant: Mutant


def _candidates(
    project: Project, path: str, source: bytes, target: tuple[int, int]
) -> list[Candidate]:
    labels = [label for label, typed in project.typed.items() if typed.module.path == path]
    try:
        broken = Source(source.decode("utf-8", "replace")) if labels else None
    except (SyntaxError, ValueError):
        return []
    effects = Effects(project)
    found = []
    for label in labels:
        function = Function(project.typed[label], project, effects, target)
        wanted = set(refs(function))
        if broken is not None and wanted:
            lines = {ref: span.line for ref, span in locate(source, wanted).items()}
            found += [Candidate(path, label, one) for one in mutants(function, broken, lines)]
    return found


def _spread(found: list[Candidate], limit: int) -> list[Candidate]:
    """Every n-th."""
    return found[:: max(1, -(-len(found) // limit))]


def _stratified(found: list[Candidate], most: int | None) -> list[Candidate]:
    """As many of each mutation and access pattern as there is room for, in the order of files."""
    if most is None or len(found) <= most:
        return found
    strata: dict[tuple[str, str], list[Candidate]] = {}
    for one in found:
        strata.setdefault((one.mutant.mutation, one.mutant.pattern), []).append(one)
    chosen: list[Candidate] = []
    left = most
    for done, some in enumerate(sorted(strata.values(), key=len)):
        taken = _spread(some, max(1, left // (len(strata) - done)))
        chosen += taken
        left -= len(taken)
    return sorted(chosen, key=lambda one: one.path)


def _of_file(
    project: Project, path: str, found: list[Candidate], target: tuple[int, int]
) -> Iterator[Measured]:
    effects = Effects(project)
    module = project.typed[found[0].label].module
    before = {
        label: _found(Function(project.typed[label], project, effects, target))
        for label in {one.label for one in found}
    }
    for _, label, mutant in found:
        lowered = lower_file(path, mutant.text.encode())
        if lowered.module is None:
            continue
        mapped, memo = project.models, dict(project.memo)
        relink(project, lowered.module)
        # a broken function changes no model, nor how often anything runs
        project.mapped, project.memo = mapped, memo
        if label not in project.typed:
            continue
        function = Function(project.typed[label], project, _like(effects, project), target)
        after = _found(function)
        if mutant.mutation in LEAKS and not after and not still_leaks(function):
            continue
        new = {
            code: plain for code, plain in after.items() if not _known(before[label], code, plain)
        }
        yield Measured(
            path,
            label,
            mutant,
            frozenset(code[0] for code, plain in new.items() if plain),
            frozenset(code[0] for code in new),
        )
    relink(project, copy.copy(module))


def _like(effects: Effects, project: Project) -> Effects:
    """What is known of the broken project without another look at all of it."""
    fresh = Effects(project)
    reached, looped = effects.reached(), effects.looped()
    fresh.reached = lambda: reached  # type: ignore[method-assign]
    fresh.looped = lambda: looped  # type: ignore[method-assign]
    return fresh


def _known(before: dict[tuple[str, int], bool], key: tuple[str, int], plain: bool) -> bool:
    return before.get(key, False) or (key in before and not plain)


def _found(function: Function) -> dict[tuple[str, int], bool]:
    """(code, how many before it) → whether it is shown by default."""
    counts: dict[tuple[str, bool], int] = {}
    for info in rules().values():
        if not info.code.startswith(_FAMILIES) or info.code in _OTHERS:
            continue
        if info.view != "Function":
            continue
        for report in info.check(function):
            if report.confidence is Confidence.GUESSED:
                continue
            key = (info.code, _plain(info, report))
            counts[key] = counts.get(key, 0) + 1
    found: dict[tuple[str, int], bool] = {}
    for (code, plain), number in sorted(counts.items(), key=lambda item: not item[0][1]):
        start = sum(1 for known in found if known[0] == code)
        for n in range(start, start + number):
            found[code, n] = plain
    return found


def _plain(info: RuleInfo, report: Report) -> bool:
    group = report.group or info.group
    return group != "pedantic" and report.confidence <= Confidence.RESOURCE
