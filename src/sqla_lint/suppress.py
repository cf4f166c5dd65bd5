"""What the user has silenced: suppression comments of a file, and which of them were needed.

    # noqa                                      everything on this statement
    # noqa: SAL101, E501                        these codes; other tools' codes are not ours
    # sqla-lint: ignore[connection-not-closed, SAL2] why
                                                codes, prefixes or names; on a line of its own it
                                                holds for the next statement, with its block
    # sqla-lint: ignore-file[SAL403] why        for the whole file

Comments are found by a small scanner of our own and not by `tokenize`: that one refuses files in
a newer syntax than the running Python's, and gives different answers on different Pythons.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from sqla_lint.finding import Span
from sqla_lint.regex import pattern

# Codes of other tools silence nothing here.
_WORTH_A_LOOK = pattern(
    r"sqla-lint: | noqa (?! \s*:\s* (?!SAL) [A-Z]+[0-9]+ (?=[\s,]|\Z) (?![^\r\n]*SAL))",
    re.IGNORECASE | re.VERBOSE,
)

# Strings first, so that what looks like a comment inside them is passed over. A quote that closes
# nowhere is skipped alone: the file does not parse, or nests quotes in an f-string (3.12).
_SCANNER = pattern(
    r"""
      (?P<string> '{3} (?: [^\\] | \\. )*? '{3}  |  "{3} (?: [^\\] | \\. )*? "{3}
                | ' (?: [^\\'\r\n] | \\\r\n | \\. )* '  |  " (?: [^\\"\r\n] | \\\r\n | \\. )* " )
    | (?P<comment> \#[^\r\n]* )
    | (?P<opens> [(\[{] )
    | (?P<closes> [)\]}] )
    | (?P<continued> \\ (?: \r\n | \n | \r ) )
    | (?P<newline> \r\n | \n | \r )
    | (?P<code> [^\s'"\#()\[\]{}\\]+ | ['"\\] )
    """,
    re.VERBOSE | re.DOTALL,
)
_NAMED = pattern(rb"noqa[^\n\r]*SAL\d", re.IGNORECASE)
_NEWLINE = pattern(r"\r\n|\n|\r")

_NOQA = pattern(r"#\s*noqa\b(?P<colon>\s*:)?(?P<rest>[^#]*)", re.IGNORECASE)
_CODE = pattern(r"[A-Z]+[0-9]+")
_OURS = pattern(
    r"#\s*sqla-lint:\s*(?P<verb>ignore-file|ignore)\b(?:\s*\[(?P<list>[^\]#]*)\])?", re.IGNORECASE
)
_OURS_START = pattern(r"#\s*sqla-lint:", re.IGNORECASE)


class Statement(NamedTuple):
    """A logical line: what the brackets, strings and backslashes hold together."""

    first: int
    last: int
    code: bool  # False: only comments
    comments: tuple[tuple[int, str], ...]  # line and text
    indent: int = 0  # characters before its first word
    opens: bool = False  # ends with a colon: a block follows
    decorates: bool = False  # the statement after it belongs to it


class Directive(NamedTuple):
    """One suppression comment. No selectors means everything."""

    kind: Literal["noqa", "ignore", "ignore-file"]
    selectors: tuple[str, ...]
    line: int  # where the comment is
    first: int  # the lines it holds for
    last: int
    reason: str = ""

    def naming(self, code: str, name: str) -> tuple[str, ...] | None:
        """The selectors that name a rule; none are needed where there are none. None: not named."""
        if not self.selectors:
            return ()
        found = tuple(
            selector
            for selector in self.selectors
            if selector == name or (len(selector) >= 3 and code.startswith(selector))
        )
        return found or None


@dataclass(slots=True)
class Suppressions:
    """The directives of a file. ``used`` and ``hits`` grow as `covers` is asked."""

    directives: tuple[Directive, ...] = ()
    malformed: tuple[tuple[int, str], ...] = ()
    places: dict[int, Span] = field(default_factory=dict)  # line → where its comment stands
    used: set[Directive] = field(default_factory=set)
    hits: set[tuple[Directive, str]] = field(default_factory=set)  # with the selectors that named

    def covers(self, code: str, name: str, *places: Span) -> bool:
        """Whether a finding is silenced: by the file, or at one of its places: where it is told,
        and both ends of its path."""
        covering: list[Directive] = []
        for directive in self.directives:
            selectors = directive.naming(code, name)
            if selectors is None:
                continue
            if directive.kind == "ignore-file" or any(
                directive.first <= span.end_line and span.line <= directive.last for span in places
            ):
                covering.append(directive)
                self.hits.update((directive, selector) for selector in selectors)
        self.used.update(covering)
        return bool(covering)


def has_suppressions(source: bytes) -> bool:
    """Whether a file may hold suppression comments for this linter."""
    return b"sqla-lint:" in source or (b"SAL" in source and _NAMED.search(source) is not None)


def suppressions(source: str) -> Suppressions:
    """The suppression comments of a file."""
    if not _WORTH_A_LOOK.search(source):
        return Suppressions()
    found: list[Directive] = []
    malformed: list[tuple[int, str]] = []
    places: dict[int, Span] = {}
    lines = _NEWLINE.split(source)
    waiting: list[Directive] = []  # `ignore` on a line of its own: for the next statement
    listed = list(statements(source))
    for number, statement in enumerate(listed):
        if statement.code and waiting:
            last = _end_of_block(listed, number)
            found += [directive._replace(first=statement.first, last=last) for directive in waiting]
            waiting = []
        for line, text in statement.comments:
            column = lines[line - 1].rindex(text) + 1
            places[line] = Span(line, column, line, column + len(text.rstrip()))
            try:
                directive = _directive(text, line, statement)
            except ValueError as error:
                malformed.append((line, str(error)))
                continue
            if directive is not None:
                alone = directive.kind == "ignore" and not statement.code
                (waiting if alone else found).append(directive)
    return Suppressions((*found, *waiting), tuple(malformed), places)


def _end_of_block(listed: Sequence[Statement], number: int) -> int:
    """The last line of a statement, with its decorated function and its block."""
    while listed[number].decorates or not listed[number].code:
        if number + 1 == len(listed):
            break
        number += 1
    head = listed[number]
    last = head.last
    if head.opens:
        for statement in listed[number + 1 :]:
            if statement.code and statement.indent <= head.indent:
                break
            if statement.code:
                last = statement.last
    return last


def statements(source: str) -> Iterator[Statement]:
    """The logical lines of a file that hold code or comments."""
    line = first = 1
    depth = 0
    code = opens = decorates = False
    indent = start = 0  # of the statement; of the line
    comments: list[tuple[int, str]] = []
    for match in _SCANNER.finditer(source):
        kind, text = match.lastgroup, match[0]
        if kind == "comment":
            comments.append((line, text))
        elif kind == "newline":
            if depth == 0:
                if code or comments:
                    held = tuple(comments)
                    yield Statement(first, line, code, held, indent, opens, decorates)
                code, comments, first = False, [], line + 1
            line += 1
            start = match.end()
        elif kind == "continued":
            line += 1
        else:
            if not code and not comments:
                first = line
            if not code:
                indent, decorates = match.start() - start, text.startswith("@")
            code = True
            opens = kind == "code" and text.endswith(":")
            if kind == "opens":
                depth += 1
            elif kind == "closes":
                depth = max(0, depth - 1)
            elif kind == "string":
                line += len(_NEWLINE.findall(text))
    if code or comments:
        yield Statement(first, line, code, tuple(comments), indent, opens, decorates)


def _directive(text: str, line: int, statement: Statement) -> Directive | None:
    """What a comment silences, None when it is no suppression; ValueError when it is a bad one."""
    if ours := _OURS.search(text):
        selectors = tuple(re.split(r"[\s,]+", (ours["list"] or "").strip())) if ours["list"] else ()
        if ours["list"] is not None and not any(selectors):
            raise ValueError("an empty list of rules silences nothing")
        reason = text[ours.end() :].strip(" -:")
        if ours["verb"].lower() == "ignore-file":
            return Directive("ignore-file", selectors, line, 1, line, reason)
        return Directive("ignore", selectors, line, statement.first, statement.last, reason)
    if _OURS_START.search(text):
        raise ValueError("expected `ignore[...]` or `ignore-file[...]` after `sqla-lint:`")
    if noqa := _NOQA.search(text):
        codes: list[str] = []
        reason = noqa["rest"].strip()
        if noqa["colon"]:
            for word in re.split(r"[\s,]+", noqa["rest"].strip()):
                if not _CODE.fullmatch(word.upper()):
                    break  # the reason starts here
                codes.append(word.upper())
                reason = reason[len(word) :].lstrip(" \t,")
            if not codes:
                raise ValueError("expected codes after `noqa:`")
        first, last = statement.first, statement.last
        return Directive("noqa", tuple(codes), line, first, last, reason.strip(" -:"))
    return None
