"""The piece of source a finding is about, with the places on its path marked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqla_lint.finding import Span
from sqla_lint.report.paint import TAB, Paint, Role, cells, clean

CONTEXT = 2  # lines shown around the finding: enough to recognise the place
MOST_CODE = 200  # columns of one line of code; generated and minified lines have no end
NEWLINE = re.compile(r"\r\n|\n|\r")


class Mark(NamedTuple):
    """A place to underline. The label is the number of a step."""

    span: Span
    label: str = ""
    role: Role = "frame"
    line: str = "-"


class _Shown(NamedTuple):
    """A line of code as it is printed, and the way from its columns to those of the screen."""

    text: str
    skipped: int  # characters left out on the left
    source: str

    def column(self, column: int) -> int:
        """The cell where the character before ``column`` (from 1) ends."""
        return cells(_printable(self.source[self.skipped : max(self.skipped, column - 1)]))


def source_lines(source: str) -> list[str]:
    """The lines as Python counts them: form feeds and the like end no line."""
    return NEWLINE.split(source)


def frame(lines: Sequence[str], marks: Sequence[Mark], paint: Paint) -> Iterator[str]:
    """The lines around the first mark and those of the others, underlined."""
    marks = [mark for mark in marks if 1 <= mark.span.line <= len(lines)]
    if not marks:
        return
    main = marks[0].span.line
    numbers = {mark.span.line for mark in marks}
    numbers |= set(range(max(1, main - CONTEXT), min(len(lines), main + CONTEXT) + 1))
    shown = _without_blank_ends(sorted(numbers), lines, {mark.span.line for mark in marks})
    gutter = len(str(shown[-1]))
    bar = paint("frame", "|")
    yield f"{'':{gutter}} {bar}"
    before = shown[0] - 1
    for number in shown:
        if number == before + 2:  # a gap of one line takes no more room than the line itself
            yield _code(number - 1, _show(lines[number - 2], []), gutter, paint)
        elif number > before + 2:
            yield paint("frame", f"{'':{gutter}} :")
        before = number
        here = [mark for mark in marks if mark.span.line == number]
        line = _show(lines[number - 1], here)
        yield _code(number, line, gutter, paint)
        for row in _underlines(line, here, paint):
            yield f"{'':{gutter}} {bar} {row}"
    yield f"{'':{gutter}} {bar}"


def _code(number: int, line: _Shown, gutter: int, paint: Paint) -> str:
    left = paint("frame", f"{number:>{gutter}} |")
    return f"{left} {line.text}".rstrip()


def _without_blank_ends(numbers: list[int], lines: Sequence[str], marked: set[int]) -> list[int]:
    def blank(number: int) -> bool:
        return number not in marked and not lines[number - 1].strip()

    while blank(numbers[0]):
        del numbers[0]
    while blank(numbers[-1]):
        del numbers[-1]
    return numbers


def _show(line: str, marks: Sequence[Mark]) -> _Shown:
    if len(line) <= MOST_CODE:
        return _Shown(_printable(line), 0, line)
    start = min((mark.span.column for mark in marks), default=1) - 1
    skipped = max(0, min(start - MOST_CODE // 4, len(line) - MOST_CODE))
    cut = line[: skipped + MOST_CODE]
    text = _printable(cut[skipped:])
    return _Shown(text + (" …" if len(cut) < len(line) else ""), skipped, cut)


def _printable(text: str) -> str:
    return clean(text.replace("\t", " " * TAB))


def _underlines(line: _Shown, marks: Sequence[Mark], paint: Paint) -> Iterator[str]:
    """Rows of underlines: marks that would touch each other get rows of their own."""
    rows: list[list[tuple[int, int, Mark]]] = []
    for mark in marks:
        start = line.column(mark.span.column)
        if mark.span.end_line > mark.span.line:
            end = line.column(len(line.source.rstrip()) + 1)
        else:
            end = line.column(mark.span.end_column)
        end = max(end, start + 1)
        room = end + (len(mark.label) + 1 if mark.label else 0)
        for row in rows:
            if all(room < other_start or other_end < start for other_start, other_end, _ in row):
                row.append((start, room, mark))
                break
        else:
            rows.append([(start, room, mark)])
    for row in rows:
        text, at = "", 0
        for start, room, mark in sorted(row):
            label = f" {mark.label}" if mark.label else ""
            line_ = mark.line * (room - start - len(label))
            text += " " * (start - at) + paint(mark.role, line_ + label)
            at = room
        yield text
