"""How text reaches a terminal: colours, widths, and nothing that could steer it."""

from __future__ import annotations

import os
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from sqla_lint.finding import Severity

Role: TypeAlias = Literal["error", "warning", "advice", "bold", "dim", "frame", "good"]

_ANSI: dict[Role, str] = {
    "error": "1;31",
    "warning": "1;33",
    "advice": "1;36",
    "bold": "1",
    "dim": "2",
    "frame": "34",
    "good": "32",
}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
TAB = 4


@dataclass(frozen=True, slots=True)
class Paint:
    """The look of a text report: whether colours and links are wanted, and how wide prose may
    get."""

    colours: bool = False
    width: int = 80
    links: bool = False

    def __call__(self, role: Role, text: str) -> str:
        return f"\x1b[{_ANSI[role]}m{text}\x1b[0m" if self.colours and text else text

    def link(self, path: str, text: str) -> str:
        """The text as a link to a file, in the way that terminals know (OSC 8)."""
        if not self.links or not os.path.exists(path):
            return text
        return f"\x1b]8;;{Path(path).absolute().as_uri()}\x1b\\{text}\x1b]8;;\x1b\\"


def severity_role(severity: Severity) -> Role:
    match severity:
        case Severity.ERROR:
            return "error"
        case Severity.WARNING:
            return "warning"
        case Severity.ADVICE:
            return "advice"


def clean(text: str) -> str:
    """The text without control characters, which source code may hold and a terminal obeys."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def one_line(text: str) -> str:
    """The text as one line, for formats that have a line per finding."""
    return clean(" ".join(text.split()))


def cells(text: str) -> int:
    """How many columns of a terminal a cleaned text without tabs takes."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )
