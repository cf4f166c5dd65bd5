"""``sqla-lint why FILE[:LINE]``: what the linter knows of a line, and what its rules made of it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sqla_lint.cli.console import EXIT_CLEAN, EXIT_TROUBLE, complain, paint_for, say
from sqla_lint.cli.settling import Overrides, settle
from sqla_lint.report.page import shown_path
from sqla_lint.settings import TARGET_VERSIONS, SettingsError

if TYPE_CHECKING:
    from sqla_lint.why import Answer, Why

_PLACE = re.compile(r"(?P<file>.+?)(?::(?P<line>\d+))?(?::\d+)?$")


@click.command("why")
@click.argument("place", metavar="FILE[:LINE]")
@click.argument("paths", nargs=-1, metavar="[PATH...]", type=click.Path(path_type=Path))
@click.option(
    "--target-version",
    type=click.Choice(TARGET_VERSIONS),
    help="The SQLAlchemy version the code is written for.",
)
@click.option("--pedantic", is_flag=True, help="As in `check`.")
@click.option("--preview", is_flag=True, help="As in `check`.")
@click.option("--no-config", is_flag=True, help="Read no settings file.")
def command(
    place: str,
    paths: tuple[Path, ...],
    target_version: str | None,
    pedantic: bool,
    preview: bool,
    no_config: bool,
) -> int:
    """Say what is known of a line, where that knowledge comes from, and which rules looked.

    Name the folders that are linted with the file as PATH: who calls its functions is known from
    there. Without LINE: every database object of the file in one list.
    """
    found = _PLACE.match(place)
    assert found is not None
    file, line = Path(found["file"]), int(found["line"] or 0)
    if not file.is_file():
        raise click.UsageError(f"there is no file {file}")
    overrides = Overrides(pedantic=pedantic, preview=preview, target_version=target_version)
    try:
        scopes, _ = settle((file,), overrides, config=None, read_files=not no_config)
    except SettingsError as error:
        complain(f"error: {error}")
        return EXIT_TROUBLE
    from sqla_lint.why import Why  # heavy: only once there is something to explain

    paint = paint_for(sys.stdout, "auto")
    why = Why(file, paths, scopes.of(file))
    for problem in why.understood.problems:
        if Path(problem.path).absolute() == file.absolute():
            complain(f"error: {shown_path(problem.path)}:{problem.line or 1}: {problem.message}")
            return EXIT_TROUBLE
    if why.module is None or not why.module.functions:
        what = "nothing in it has to do with SQLAlchemy, as far as these paths tell"
        say([f"{shown_path(str(file))}: {what}"], paint)
        return EXIT_CLEAN
    say(_of_line(why, file, line) if line else _of_file(why, file), paint)
    return EXIT_CLEAN


def _of_file(why: Why, file: Path) -> Iterator[str]:
    shown = shown_path(str(file))
    number = 0
    for row in why.rows():
        number += 1
        owner = f"; {row.owner}" if row.owner else ""
        yield f"{shown}:{row.line}: `{row.text}`: on {row.kind}{owner}"
    if not number:
        yield f"{shown}: no call on a database object"


def _of_line(why: Why, file: Path, line: int) -> Iterator[str]:
    yield f"{shown_path(str(file))}:{line} (for SQLAlchemy {_version(why)})"
    number = 0
    for answer in why.answers(line):
        number += 1
        yield from _answer(answer)
    if not number:
        yield "  nothing on this line is of a kind that the linter follows"


def _version(why: Why) -> str:
    return ".".join(map(str, why.understood.target)) + f", from {why.understood.source}"


def _answer(answer: Answer) -> Iterator[str]:
    entry = f", reached as a {answer.entry}" if answer.entry else ""
    yield f"  in `{answer.function}`{entry}"
    for told in answer.places:
        owner = f"; {told.owner}" if told.owner else ""
        yield f"  `{told.text}` is {told.kind}{owner}"
        for number, (text, path, line) in enumerate(told.reasons, 1):
            yield f"    {number}. {text}  ({shown_path(path)}:{line})"
        if told.events:
            yield f"    here: {told.events}"
    for report in answer.reports:
        yield f"  {report}"
    for what, codes in answer.looked:
        yield f"  {what}: {' '.join(codes)}"
