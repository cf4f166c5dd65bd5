"""The terminal: where the report goes, what is said beside it, and the progress bar."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterable, Sequence
from io import TextIOWrapper
from itertools import islice
from typing import TextIO

import click

from sqla_lint.replay import hear
from sqla_lint.report.paint import Paint, clean

EXIT_CLEAN, EXIT_FINDINGS, EXIT_TROUBLE, EXIT_INTERRUPTED = 0, 1, 2, 130

PIPED_WIDTH = 80
WIDEST = 120  # prose on a line longer than this is hard to read
_PORTION = 200  # lines that are written at once
_BAR = 24
_REDRAW = 0.05  # seconds; drawing more often only costs time


def complain(message: str) -> None:
    """Say something beside the report."""
    _echo([clean(message)], sys.stderr)


def paint_for(stream: TextIO, color: str) -> Paint:
    """The look of a report on this stream; NO_COLOR and FORCE_COLOR are respected. Links are for
    terminals only, whatever is wished."""
    terminal = stream.isatty()
    width = min(shutil.get_terminal_size().columns, WIDEST) if terminal else PIPED_WIDTH
    able = terminal and os.environ.get("TERM") != "dumb"
    if color != "auto":
        colours = color == "always"
    elif os.environ.get("NO_COLOR"):
        colours = False
    else:
        colours = able or bool(os.environ.get("FORCE_COLOR"))
    return Paint(colours, width, links=colours and able)


def say(lines: Iterable[str], paint: Paint, stream: TextIO | None = None) -> None:
    """Print the report. When its reader has gone (``| head``), the rest is dropped silently."""
    out: TextIO = sys.stdout if stream is None else stream
    try:
        waiting = iter(lines)
        while portion := list(islice(waiting, _PORTION)):
            _echo(portion, out, colours=paint.colours)
        out.flush()
    except BrokenPipeError:
        _drop(out)


def hand_over(source: bytes) -> None:
    """Print source code as it is, byte for byte."""
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(source)
        sys.stdout.flush()
    except BrokenPipeError:
        _drop(sys.stdout)


def _drop(stream: TextIO) -> None:
    """Python would complain once more when it flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _echo(lines: Sequence[str], stream: TextIO, *, colours: bool = False) -> None:
    for line in lines:
        hear(2 if stream is sys.stderr else 1, line)
    if isinstance(stream, TextIOWrapper) and stream.errors != "backslashreplace":
        stream.reconfigure(errors="backslashreplace")  # a terminal may not know all of Unicode
    click.echo("\n".join(lines), file=stream, color=True if colours else None)


class Progress:
    """A bar on a terminal's standard error; nothing anywhere else."""

    def __init__(self, *, wanted: bool) -> None:
        self.shown = wanted and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._drawn = 0.0

    def __call__(self, done: int, total: int, path: str) -> None:
        now = time.monotonic()
        if not self.shown or not total or (done < total and now - self._drawn < _REDRAW):
            return
        self._drawn = now
        filled = _BAR * done // total
        text = f"[{'█' * filled}{'·' * (_BAR - filled)}] {done}/{total} {clean(path)}"
        room = shutil.get_terminal_size().columns - 1
        self._write(f"\r{text[:room]}\x1b[K")

    def clear(self) -> None:
        """Take the bar away, so that what is printed next starts on a clean line."""
        if self.shown and self._drawn:
            self._write("\r\x1b[K")

    def _write(self, text: str) -> None:
        encoding = sys.stderr.encoding or "ascii"
        sys.stderr.write(text.encode(encoding, "replace").decode(encoding))
        sys.stderr.flush()
