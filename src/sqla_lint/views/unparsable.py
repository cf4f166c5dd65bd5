"""A file that could not be read or parsed, as a rule sees it."""

from __future__ import annotations

from typing import NamedTuple

from sqla_lint.finding import Span


class Unparsable(NamedTuple):
    """What is wrong, and where; line 1 when it is the whole file."""

    message: str
    line: int = 1

    @property
    def span(self) -> Span:
        return Span(self.line, 1, self.line, 1)
