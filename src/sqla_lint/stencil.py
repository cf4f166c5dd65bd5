"""Files that are no Python until somebody fills in their gaps: ``{{ name }}``, ``{% if %}``."""

from __future__ import annotations

import re

from sqla_lint.regex import pattern

# A gap, or a tag, that has a line to itself, as no line of Python has beside a syntax error.
_LINE = pattern(rb"^[ \t]*(\{\{[^{}\n]+\}\}|\{%.*%\}|<%.*%>)[ \t,]*\r?$", re.MULTILINE)
# One on the line that cannot be read, or just above.
_GAP = pattern(rb"\{\{\s*[\w.| '\"()-]+\}\}|\{%.*%\}|<%.*%>|\$\{\w+\}")
_ABOVE = 2


def is_stencil(source: bytes, line: int) -> bool:
    """Whether a file that cannot be read in this line is a template."""
    near = source.splitlines()[max(line - 1 - _ABOVE, 0) : line]
    return bool(_LINE.search(source)) or any(_GAP.search(one) for one in near)
