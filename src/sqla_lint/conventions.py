"""What a whole file does in one way is told once: a convention is one decision, not a hundred."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace

from sqla_lint.finding import Finding

# So many findings of a rule in one file are still told one by one, and can be mended so.
SLIPS = 8


def told_once(
    findings: Sequence[Finding], conventions: Collection[str], tells_all: Callable[[str], bool]
) -> Iterator[Finding]:
    """The findings, but of a rule in ``conventions`` that has more than `SLIPS` in a file only the
    first, which says how many there are.

    ``tells_all`` says of a file that its user wants each of them.
    """
    counted = Counter((one.path, one.code) for one in findings)
    told: set[tuple[str, str]] = set()
    for one in findings:
        key = (one.path, one.code)
        if one.code not in conventions or counted[key] <= SLIPS or tells_all(one.path):
            yield one
        elif key not in told:
            told.add(key)
            more = f"{one.message}; so do {counted[key] - 1} more in this file"
            hint = f"{one.help}; `--pedantic` shows each" if one.help else "`--pedantic` shows each"
            yield replace(one, message=more, help=hint)
