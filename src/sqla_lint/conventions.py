"""What a whole file or program does in one way is told once a file: a convention is one decision,
not a hundred."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace

from sqla_lint.finding import Finding

# So many findings of a rule in one file, or files of a run that have some, are still told one by
# one, and can be mended so.
SLIPS = 8


def told_once(
    findings: Sequence[Finding], conventions: Collection[str], tells_all: Callable[[str], bool]
) -> Iterator[Finding]:
    """The findings, but of a rule in ``conventions`` that has more than `SLIPS` in a file, or some
    in more than `SLIPS` files, only the first of a file, which says how many there are.

    ``tells_all`` says of a file that its user wants each of them.
    """
    counted = Counter((one.path, one.code) for one in findings)
    files = Counter(code for _, code in counted)
    told: set[tuple[str, str]] = set()
    for one in findings:
        key = (one.path, one.code)
        many = counted[key] > SLIPS or (files[one.code] > SLIPS and counted[key] > 1)
        if one.code not in conventions or not many or tells_all(one.path):
            yield one
        elif key not in told:
            told.add(key)
            others = counted[key] - 1
            more = (
                f"{one.message}; so {'does 1' if others == 1 else f'do {others}'} more in this file"
            )
            hint = f"{one.help}; `--pedantic` shows each" if one.help else "`--pedantic` shows each"
            yield replace(one, message=more, help=hint)
