"""Whether two texts are the same program but for comments and layout, told by Python's own tokens.

That is known without libcst, whose import alone takes longer than all else here.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
import warnings
from collections.abc import Iterator

# Longer ones (some 7,000 lines) are parsed sooner than the tokens of both have been compared.
LONGEST = 250_000

_UNSEEN = frozenset({tokenize.COMMENT, tokenize.NL})
# What stands in these is layout.
_BARE = frozenset({tokenize.NEWLINE, tokenize.DEDENT, tokenize.ENDMARKER})
_FSTRING = getattr(tokenize, "FSTRING_START", -1)
_FSTRING_END = getattr(tokenize, "FSTRING_END", -1)
# A line that ends in nothing but this is one to some readers only.
_RETURN = re.compile(rb"\r(?!\n)")
# So is one that only goes on: before the first statement of a block libcst misses the indentation.
_GOES_ON = re.compile(rb"^[ \t\f]*\\\r?$", re.MULTILINE)


def same_code(one: bytes, other: bytes) -> bool:
    """Whether every parser reads the same from both; False where that cannot be told."""
    if max(len(one), len(other)) > LONGEST:
        return False
    if any(_RETURN.search(source) or _GOES_ON.search(source) for source in (one, other)):
        return False
    try:
        for source in (one, other):
            _parse(source)  # what is Python to us is cut into tokens as Python does it
        ours, theirs = _tokens(one), _tokens(other)
        for token in ours:
            if token != next(theirs, None):
                return False
        return next(theirs, None) is None
    except (SyntaxError, ValueError, RecursionError, MemoryError, tokenize.TokenError):
        return False


def _parse(source: bytes) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ast.parse(source)


def _tokens(source: bytes) -> Iterator[tuple[int, str, int]]:
    inside = 0  # of f-strings, where spaces count (Python 3.12 and later)
    line = column = 0
    for token in tokenize.tokenize(io.BytesIO(source).readline):
        gap = (token.start[0] - line) * LONGEST + token.start[1] - column if inside else 0
        inside += (token.type == _FSTRING) - (token.type == _FSTRING_END)
        line, column = token.end
        if token.type not in _UNSEEN:
            yield token.type, "" if token.type in _BARE else token.string, gap


def count_lines(source: bytes) -> int:
    """As editors count: a last line without a newline is a line."""
    if not source:
        return 0
    lines = source.count(b"\n") + source.count(b"\r") - source.count(b"\r\n")
    return lines + (not source.endswith((b"\n", b"\r")))
