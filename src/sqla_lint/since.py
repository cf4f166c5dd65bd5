"""What has changed since a revision, as git tells it: the lines a user is asked to answer for."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from sqla_lint.finding import Finding
from sqla_lint.notebook import split

_HUNK = re.compile(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@")
_ESCAPE = re.compile(r"\\([0-7]{3}|.)")
_ESCAPED = {"t": "\t", "n": "\n", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


class Lines(NamedTuple):
    """A stretch of lines, both ends included."""

    first: int
    last: int


WHOLE = Lines(1, 1 << 60)  # a file that git does not know yet

Changed = Mapping[str, Sequence[Lines]]  # by real path


class GitError(Exception):
    """git could not answer; says what it said."""


def changed_since(revision: str, start: Path) -> Changed:
    """The lines of the repository around ``start`` that differ from ``revision``, committed or
    not, and the files that git does not know yet."""
    folder = start if start.is_dir() else start.parent
    root = Path(_git(folder, "rev-parse", "--show-toplevel").rstrip("\n"))
    if revision.startswith("-"):
        raise GitError(f"`{revision}` is not a revision")
    diff = _git(
        root, "-c", "core.quotePath=false", "diff", "--unified=0", "--no-color", "--no-ext-diff",
        "--no-prefix", "--no-renames", revision, "--",
    )  # fmt: skip
    found = {str(real(root / name)): lines for name, lines in hunks(diff).items()}
    for name in _git(root, "ls-files", "--others", "--exclude-standard", "-z").split("\0"):
        if name:
            found[real(root / name)] = [WHOLE]
    return found


def real(path: str | Path) -> str:
    """The one name of a file, whatever links lead to it."""
    return os.path.realpath(path)


def hunks(diff: str) -> dict[str, list[Lines]]:
    """The new lines of each file of a diff without context and prefixes. A removal counts for the
    lines around it."""
    found: dict[str, list[Lines]] = {}
    lines: list[Lines] = []
    for row in diff.split("\n"):
        if row.startswith("+++ "):
            lines = found.setdefault(_unquoted(row[4:].rstrip("\t")), [])
        elif match := _HUNK.match(row):
            first, count = int(match[1]), int(match[2] or 1)
            lines.append(Lines(first, first + count - 1) if count else Lines(first, first + 1))
    found.pop("/dev/null", None)
    return found


def _unquoted(name: str) -> str:
    """A name as git writes one that holds quotes or control characters."""
    if not (name.startswith('"') and name.endswith('"')):
        return name
    return _ESCAPE.sub(
        lambda m: chr(int(m[1], 8)) if m[1].isdigit() else _ESCAPED.get(m[1], m[1]), name[1:-1]
    )


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, check=False
        )
    except OSError as error:
        raise GitError(f"git cannot be run: {error.strerror}") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().split("\n")[0]
        raise GitError(said or "git failed")
    return done.stdout.decode(errors="surrogateescape")


def crossing(findings: Iterable[Finding], changed: Changed) -> list[Finding]:
    """The findings that lie on changed lines, or whose path crosses some."""
    return [finding for finding in findings if _crosses(finding, changed)]


def _crosses(finding: Finding, changed: Changed) -> bool:
    notebook, cell = split(finding.path)
    if cell is not None:  # its lines in the file are not those of its cells
        return real(notebook) in changed
    places = [(finding.path, finding.span)]
    places += [(step.path or finding.path, step.span) for step in finding.steps]
    return any(
        span is not None and any(s.first <= span.end_line and span.line <= s.last for s in stretch)
        for path, span in places
        for stretch in (changed.get(real(path), ()),)
    )
