"""Break, lint, compare."""

from __future__ import annotations

import copy
from collections.abc import Iterator
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
    project: Project, sources: dict[str, bytes], target: tuple[int, int], limit: int
) -> Iterator[Measured]:
    """Every mutant of the files, up to a number per file."""
    for path, source in sorted(sources.items()):
        text = source.decode("utf-8", "replace")
        try:
            broken = Source(text)
        except (SyntaxError, ValueError):
            continue
        yield from _of_file(project, path, source, broken, target, limit)


def _of_file(
    project: Project,
    path: str,
    source: bytes,
    broken: Source,
    target: tuple[int, int],
    limit: int,
) -> Iterator[Measured]:
    labels = [label for label, typed in project.typed.items() if typed.module.path == path]
    effects = Effects(project)
    found: list[tuple[str, Mutant]] = []
    for label in labels:
        function = Function(project.typed[label], project, effects, target)
        places = locate(source, set(refs(function)))
        lines = {ref: span.line for ref, span in places.items()}
        found += [(label, mutant) for mutant in mutants(function, broken, lines)]
    module = next((project.typed[label].module for label in labels), None)
    # spread over the file
    found = found[:: max(1, -(-len(found) // limit))]
    before = {
        label: _found(Function(project.typed[label], project, effects, target))
        for label in {label for label, _ in found}
    }
    for label, mutant in found:
        lowered = lower_file(path, mutant.text.encode())
        if lowered.module is None:
            continue
        relink(project, lowered.module)
        if label not in project.typed:
            continue
        function = Function(project.typed[label], project, Effects(project), target)
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
    if found and module is not None:
        relink(project, copy.copy(module))


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
