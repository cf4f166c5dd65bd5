"""Findings that were there before: keyed by code, function and text, so that moved code matches.

A baseline is a JSON file that the user commits. An entry says how many findings of one key are
known; a line number is not part of it, so code above may change and the function may move to
another file. What is known but no longer found is *stale*: it was mended, or the code is gone.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from sqla_lint.finding import Finding, Span

VERSION = 1
TEXT_LIMIT = 200  # characters of code kept in a key: enough to tell two findings apart
_NEWLINE = re.compile(r"\r\n|\n|\r")


class Key(NamedTuple):
    """What identifies a finding apart from its place."""

    code: str
    path: str  # with slashes, relative to the folder of the baseline
    function: str
    text: str  # the code it is about, white space folded


@dataclass(frozen=True, slots=True)
class Baseline:
    """How many findings of each key are known."""

    entries: Mapping[Key, int] = field(default_factory=dict[Key, int])


class Sorted(NamedTuple):
    """Findings that are new, and the keys of known ones that are gone, with how many."""

    new: tuple[Finding, ...]
    stale: tuple[tuple[Key, int], ...]


class BaselineError(Exception):
    """The file is no baseline: says the file and why."""


def key(finding: Finding, sources: Mapping[str, str], relative: Callable[[str], str]) -> Key:
    """The key of a located finding."""
    text = _text(sources.get(finding.path, ""), finding.span)
    return Key(finding.code, relative(finding.path), finding.function, text)


def _text(source: str, span: Span | None) -> str:
    if span is None:
        return ""
    lines = _NEWLINE.split(source)[span.line - 1 : span.end_line]
    if not lines:
        return ""
    if span.end_line == span.line:
        lines[0] = lines[0][: span.end_column - 1]
    lines[0] = lines[0][span.column - 1 :]
    return " ".join(" ".join(lines).split())[:TEXT_LIMIT]


def beside(file: Path) -> Callable[[str], str]:
    """How paths are written in a baseline: relative to its folder, where they lie below it."""
    folder = file.absolute().parent

    def relative(path: str) -> str:
        whole = Path(path).absolute()
        if whole.is_relative_to(folder):
            whole = whole.relative_to(folder)
        return whole.as_posix()

    return relative


def of(findings: Iterable[Finding], sources: Mapping[str, str], file: Path) -> Baseline:
    """The baseline that knows exactly these findings."""
    relative = beside(file)
    return Baseline(Counter(key(finding, sources, relative) for finding in findings))


def compare(
    known: Baseline, findings: Sequence[Finding], sources: Mapping[str, str], file: Path
) -> Sorted:
    """Which findings the baseline does not know.

    The same file first; what is left over matches the same code and function in any other file.
    """
    relative = beside(file)
    left = Counter(dict(known.entries))
    new: list[tuple[Finding, Key]] = []
    for finding in findings:
        own = key(finding, sources, relative)
        if left[own] > 0:
            left[own] -= 1
        else:
            new.append((finding, own))
    elsewhere: dict[Key, list[Key]] = {}
    for one in sorted(left):
        elsewhere.setdefault(one._replace(path=""), []).append(one)
    unknown = []
    for finding, own in new:
        moved = next((k for k in elsewhere.get(own._replace(path=""), ()) if left[k] > 0), None)
        if moved is None:
            unknown.append(finding)
        else:
            left[moved] -= 1
    stale = tuple((k, number) for k, number in sorted(left.items()) if number > 0)
    return Sorted(tuple(unknown), stale)


def dumps(baseline: Baseline) -> str:
    """The text of the file: an entry a line, sorted, so that changes show as such in a diff."""
    rows = [
        json.dumps({**one._asdict(), "count": number}, ensure_ascii=False)
        for one, number in sorted(baseline.entries.items())
    ]
    body = ",\n".join(f"    {row}" for row in rows)
    listed = f"[\n{body}\n  ]" if rows else "[]"
    return f'{{\n  "version": {VERSION},\n  "entries": {listed}\n}}\n'


def read(file: Path) -> Baseline:
    """A baseline from disk. Raises `BaselineError` for what is none, OSError when unreadable."""
    try:
        document: object = json.loads(file.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise BaselineError(f"{file}: is not UTF-8: {error.reason}") from None
    except json.JSONDecodeError as error:
        raise BaselineError(f"{file}:{error.lineno}: is not JSON: {error.msg}") from None
    if not isinstance(document, dict) or document.get("version") != VERSION:
        raise BaselineError(f"{file}: is not a baseline of this version; write it anew")
    entries: Counter[Key] = Counter()
    for number, entry in enumerate(document.get("entries", ()), 1):
        try:
            one = Key(*(str(entry[name]) for name in Key._fields))
            entries[one] += int(entry["count"])
        except (KeyError, TypeError, ValueError):
            raise BaselineError(f"{file}: entry {number} is not one of a baseline") from None
    return Baseline(entries)
