"""Suppression comments for findings: added at the end of a statement, joined to what is there."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from sqla_lint.finding import Finding, Span
from sqla_lint.fix.source import decode
from sqla_lint.fix.verify import compiles
from sqla_lint.fix.write import WriteError, write_atomically
from sqla_lint.notebook import is_notebook, split
from sqla_lint.suppress import Directive, statements
from sqla_lint.syntax.parse import ParseFailure
from sqla_lint.syntax.rewrite import read

Places = Mapping[int, Span]

_NOQA = re.compile(r"#\s*noqa\s*:\s*(?P<codes>[A-Z]+[0-9]+(?:[\s,]+[A-Z]+[0-9]+)*)", re.IGNORECASE)
_OURS = re.compile(
    r"#\s*sqla-lint:\s*(?:ignore-file|ignore)\b(?:\s*\[[^\]#]*\])?[^#]*", re.IGNORECASE
)
_LINES = re.compile(r"[^\r\n]*(?:\r\n|\n|\r|\Z)")


def silenced(source: str, findings: Iterable[Finding]) -> str:
    """The source with a ``# noqa: CODE`` for each located finding, on the last line of its
    statement, where linters look for it."""
    wanted: dict[int, set[str]] = {}
    ends = _ends(source)
    for finding in findings:
        if finding.span is not None:
            line = ends.get(finding.span.line, finding.span.line)
            wanted.setdefault(line, set()).add(finding.code)
    lines = _LINES.findall(source)
    for line, codes in wanted.items():
        lines[line - 1] = _with_codes(lines[line - 1], codes)
    return "".join(lines)


def _ends(source: str) -> Mapping[int, int]:
    """The last line of the statement that each line belongs to."""
    return {
        line: statement.last
        for statement in statements(source)
        if statement.code
        for line in range(statement.first, statement.last + 1)
    }


def _with_codes(line: str, codes: set[str]) -> str:
    text = line.rstrip("\r\n")
    end = line[len(text) :]
    known = _NOQA.search(text)
    if known is None:
        return f"{text.rstrip()}  # noqa: {', '.join(sorted(codes))}{end}"
    said = [code.upper() for code in re.split(r"[\s,]+", known["codes"])]
    added = [code for code in sorted(codes) if code not in said]
    return text[: known.end()] + "".join(f", {code}" for code in added) + text[known.end() :] + end


def without(source: str, idle: Mapping[Directive, Sequence[str]], places: Places) -> str:
    """The source without suppression comments, or without those of their selectors that are named.

    ``places`` are those of the comments, by line. A line that held nothing else goes with it.
    """
    lines = _LINES.findall(source)
    for directive, selectors in idle.items():
        line = lines[directive.line - 1]
        text = line.rstrip("\r\n")
        start = places[directive.line].column - 1
        code, comment = text[:start], text[start:]
        kept = _kept_comment(comment, directive, selectors)
        new = f"{code}{kept}" if kept else code.rstrip()
        lines[directive.line - 1] = new + line[len(text) :] if new.strip() else ""
    return "".join(lines)


def _kept_comment(comment: str, directive: Directive, selectors: Sequence[str]) -> str:
    """What is left of a comment; "" when nothing is."""
    left = [selector for selector in directive.selectors if selector not in selectors]
    if left:
        pattern = r"[\s,]+".join(map(re.escape, directive.selectors))
        return re.sub(pattern, ", ".join(left), comment, count=1, flags=re.IGNORECASE)
    found = _NOQA.search(comment) or _OURS.search(comment)
    before = comment[: found.start()].rstrip() if found else ""
    after = comment[found.end() :].lstrip() if found else ""
    # what follows is the reason, unless it is a comment of its own for another tool
    return f"{before}  {after}".strip() if after.startswith("#") else before


class Silenced(NamedTuple):
    """What `silence_files` did: findings silenced, files written, files left with the reason."""

    findings: int
    files: int
    troubles: tuple[str, ...]


def silence_files(findings: Iterable[Finding]) -> Silenced:
    """Write the suppression comments of located findings into their files, atomically.

    A file in which a comment would land inside a string, as the parser sees it, is left alone.
    """
    grouped: dict[str, list[Finding]] = {}
    for finding in findings:
        if not finding.code.startswith("SAL0"):  # a comment about a comment helps nobody
            grouped.setdefault(split(finding.path)[0], []).append(finding)
    done = files = 0
    troubles: list[str] = []
    for path, group in grouped.items():
        if is_notebook(path):
            troubles.append(f"{path}: comments are not written into notebooks")
            continue
        try:
            before = Path(path).read_bytes()
            source = decode(before)
            after = source.encode(silenced(source.text, group))
            if not _same_program(before, after, path):
                troubles.append(f"{path}: a comment cannot be added to every finding here")
                continue
            write_atomically(path, after, expected=before)
        except WriteError as error:
            troubles.append(str(error))
        except OSError as error:
            troubles.append(f"{path}: {error.strerror or error}")
        else:
            done, files = done + len(group), files + 1
    return Silenced(done, files, tuple(troubles))


def _same_program(before: bytes, after: bytes, path: str) -> bool:
    if not compiles(before, path):  # a newer syntax than this Python's
        return _parses(decode(after).text, path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return compiles(after, path) and ast.dump(ast.parse(before)) == ast.dump(ast.parse(after))


def _parses(text: str, path: str) -> bool:
    try:
        read(text, path)
    except ParseFailure:
        return False
    return True
