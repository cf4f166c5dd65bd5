"""What a report is made from, whatever its format."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from sqla_lint.finding import Applicability, Finding, Span

NOWHERE = Span(1, 1, 1, 1)  # for a finding about a whole file


class Trouble(Protocol):
    """Something that kept a file from being checked."""

    @property
    def path(self) -> str: ...
    @property
    def line(self) -> int | None: ...
    @property
    def message(self) -> str: ...
    @property
    def fatal(self) -> bool: ...


class Change(NamedTuple):
    """Put ``new`` in place of ``source[start:end]``."""

    start: int
    end: int
    new: str


@dataclass(frozen=True, slots=True)
class Page:
    """The findings of a run, in order, with the sources of their files.

    ``known`` findings are those that a baseline holds: they are not among the others.
    ``changes`` are what the fix of the finding at each position would change in its file.
    """

    findings: Sequence[Finding]
    sources: Mapping[str, str] = field(default_factory=dict[str, str])
    troubles: Sequence[Trouble] = ()
    files: int = 0
    known: int = 0  # findings that a baseline holds
    changes: Mapping[int, Sequence[Change]] = field(default_factory=dict[int, Sequence[Change]])


def where(finding: Finding) -> Span:
    return finding.span or NOWHERE


def shown_path(path: str) -> str:
    """The path as a person types it: relative to the current folder where it lies below it."""
    if not os.path.isabs(path):
        return path.replace(os.sep, "/")
    relative = os.path.relpath(path) if _same_drive(path) else path
    return (path if relative.startswith("..") else relative).replace(os.sep, "/")


def _same_drive(path: str) -> bool:
    return os.path.splitdrive(path)[0].lower() == os.path.splitdrive(os.getcwd())[0].lower()


def fixable(finding: Finding, applicability: Applicability) -> bool:
    return finding.rewrite is not None and finding.rewrite.applicability is applicability
