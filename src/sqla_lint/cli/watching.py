"""``--watch``: lint again whenever a file changes, until interrupted."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

import click

from sqla_lint.cli.console import EXIT_INTERRUPTED, complain
from sqla_lint.discover import SUFFIXES
from sqla_lint.settings import FILE_NAMES

_CLEAR = "\x1b[2J\x1b[H"


def watch(paths: Sequence[Path], check: Callable[[], int]) -> int:
    """Check now and after every change of a Python or settings file below ``paths``."""
    if find_spec("watchfiles") is None:
        raise click.ClickException("--watch needs watchfiles: pip install 'sqlalchemy-lint[watch]'")
    import watchfiles

    def matters(change: watchfiles.Change, path: str) -> bool:
        return path.endswith(SUFFIXES) or Path(path).name in FILE_NAMES

    _check_on_clear_screen(check)
    try:
        for _ in watchfiles.watch(*paths, watch_filter=matters, raise_interrupt=False):
            _check_on_clear_screen(check)
    except FileNotFoundError as error:
        raise click.UsageError(f"--watch: {error}") from None
    return EXIT_INTERRUPTED


def _check_on_clear_screen(check: Callable[[], int]) -> None:
    if sys.stdout.isatty():
        sys.stdout.write(_CLEAR)
    check()
    complain("watching for changes; Ctrl-C ends it")
