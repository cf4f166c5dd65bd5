"""Whether a round of fixes kept its promise; asked after every round, in production too."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Mapping

from sqla_lint.finding import Finding

Tally = Counter[tuple[str, str]]


def compiles(data: bytes, path: str) -> bool:
    """Whether the running Python understands the source. Deep nesting counts as not understood."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(data, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        return False
    return True


def lost_comment(before: Counter[str], after: Counter[str]) -> str | None:
    """A comment that is no longer there."""
    return next(iter(before - after), None)


def tally(findings: Iterable[Finding]) -> Tally:
    """Findings by code and function: what stays the same when lines move."""
    return Counter((finding.code, finding.function) for finding in findings)


def broken_promise(
    before: Iterable[Finding],
    mended: Iterable[Finding],
    after: Iterable[Finding],
    reveals: Mapping[str, frozenset[str]],
) -> str | None:
    """Why the findings after a round are not those before it without the mended ones.

    ``reveals`` says which findings may appear once another is gone: of several rules that could
    speak about one defect only one does, and mending its part may leave the rest to the next.
    """
    mended = tuple(mended)
    expected = tally(before)
    expected.subtract(tally(mended))
    revealed = {
        (code, finding.function) for finding in mended for code in reveals.get(finding.code, ())
    }
    fixed = {(finding.code, finding.function) for finding in mended}
    for key, count in sorted(tally(after).items()):
        if count > expected[key] and key not in revealed:
            code, function = key
            where = f" in `{function}`" if function else ""
            if key in fixed:
                return f"{code}{where} would still be there"
            return f"it would cause {code}{where}"
    return None
