"""Many files mended side by side: their project is linted once for a step of all of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from sqla_lint.finding import Finding
from sqla_lint.fix.converge import Asks, FixOutcome

# Of these contents of files, all that differ from the disk, the findings in some.
LintAll: TypeAlias = Callable[[Mapping[str, bytes], set[str]], Mapping[str, list[Finding]]]


def side_by_side(work: Mapping[str, Asks], lint: LintAll) -> dict[str, FixOutcome]:
    """What became of each file. One that is done stays as it was left while others go on."""
    outcomes: dict[str, FixOutcome] = {}
    sources = {path: next(asks) for path, asks in work.items()}
    while waiting := work.keys() - outcomes.keys():
        found = lint(sources, waiting)
        for path in sorted(waiting):
            try:
                sources[path] = work[path].send(found[path])
            except StopIteration as end:
                outcome: FixOutcome = end.value
                outcomes[path] = outcome
                sources[path] = outcome.new_bytes
    return outcomes
