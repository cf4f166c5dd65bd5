"""``sqla-lint doctor``: what other linters' settings do to SQLAlchemy code."""

from __future__ import annotations

from pathlib import Path

import click

from sqla_lint.cli.console import EXIT_CLEAN, EXIT_FINDINGS, say
from sqla_lint.report import Paint
from sqla_lint.report.page import shown_path


@click.command("doctor")
@click.argument(
    "folder", default=".", type=click.Path(path_type=Path, exists=True, file_okay=False)
)
def command(folder: Path) -> int:
    """Look at the ruff and flake8 settings of a project for what damages SQLAlchemy code.

    Prints the lines that prevent it. Exit code 1 when there are any.
    """
    from sqla_lint.doctor import DoctorError, examine

    try:
        advice = examine(folder)
    except DoctorError as error:
        raise click.UsageError(str(error)) from None
    lines: list[str] = []
    for one in advice:
        lines += [f"{shown_path(str(one.file))}: {one.problem}", ""]
        lines += [f"    {line}" for line in one.lines] + [""]
    say(lines[:-1] or ["No setting of ruff or flake8 damages SQLAlchemy code."], Paint())
    return EXIT_FINDINGS if advice else EXIT_CLEAN
