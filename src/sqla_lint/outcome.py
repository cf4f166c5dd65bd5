"""What a run found and did, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqla_lint.finding import Finding


@dataclass(frozen=True)
class Problem:
    """Something that kept a file from being linted. Fatal: the user must act."""

    path: str
    line: int | None
    message: str
    fatal: bool
    lasting: bool = False  # the same bytes will always have it
    unparsable: bool = False  # the file could not be read or parsed


@dataclass(frozen=True)
class Outcome:
    """What a run found and did. Findings are located and sorted."""

    findings: tuple[Finding, ...] = ()
    problems: tuple[Problem, ...] = ()
    files: int = 0
    fixed: int = 0
    refused: tuple[str, ...] = ()
    diffs: tuple[str, ...] = ()
    unresolved: dict[str, int] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    timings: dict[str, float] = field(default_factory=dict)
    mended: bytes | None = None  # what was given on stdin, after its fixes
