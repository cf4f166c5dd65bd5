"""Suppression comments for findings: added at the end of a statement, joined to what is there."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from sqla_lint.finding import Finding
from sqla_lint.fix.source import decode
from sqla_lint.fix.verify import compiles
from sqla_lint.fix.write import WriteError, write_atomically
from sqla_lint.suppress import statements
from sqla_lint.syntax.parse import ParseFailure
from sqla_lint.syntax.rewrite import read

_NOQA = re.compile(r"#\s*noqa\s*:\s*(?P<codes>[A-Z]+[0-9]+(?:[\s,]+[A-Z]+[0-9]+)*)", re.IGNORECASE)
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
        grouped.setdefault(finding.path, []).append(finding)
    done = files = 0
    troubles: list[str] = []
    for path, group in grouped.items():
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
