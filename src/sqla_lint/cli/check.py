"""``sqla-lint check``: lint, fix, report."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

import click
from click.shell_completion import CompletionItem

from sqla_lint import replay, witness
from sqla_lint.cli import adopting
from sqla_lint.cli.console import (
    EXIT_CLEAN,
    EXIT_FINDINGS,
    EXIT_TROUBLE,
    Progress,
    complain,
    hand_over,
    paint_for,
    say,
)
from sqla_lint.cli.edits import changes
from sqla_lint.cli.settling import Overrides, settings_lines, settle
from sqla_lint.report import EDIT_FORMATS, RENDERERS, TEXT_FORMATS, Page, Paint, statistics, summary
from sqla_lint.report.page import shown_path
from sqla_lint.report.summary import count
from sqla_lint.scopes import Scopes
from sqla_lint.settings import OUTPUT_FORMATS, SEVERITIES, TARGET_VERSIONS, SettingsError
from sqla_lint.since import Changed, crossing

if TYPE_CHECKING:
    from sqla_lint.outcome import Outcome

F = TypeVar("F", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line asks for besides the settings."""

    fix: Literal["none", "fix", "diff"]
    output_file: Path | None
    statistics: bool
    exit_zero: bool
    show_unresolved: bool
    progress: bool
    baseline: Path | None  # the one that the command line names
    update_baseline: bool
    changed: Changed | None
    add_noqa: bool
    quiet: bool
    verbose: bool
    color: str
    cache: bool


def _split(ctx: click.Context, param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(code.strip() for item in value for code in item.split(",") if code.strip())


def _completed(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Codes and names of rules, the last of a list with commas."""
    from sqla_lint.docs import registry

    before, comma, last = incomplete.rpartition(",")
    return [
        CompletionItem(f"{before}{comma}{word}", help=info.summary)
        for info in registry().values()
        for word in (info.code, info.name)
        if word.startswith(last)
    ]


def _codes(name: str, help_: str) -> Callable[[F], F]:
    return click.option(
        name,
        multiple=True,
        metavar="CODES",
        callback=_split,
        shell_complete=_completed,
        help=help_,
    )


@click.command("check")
@click.argument("paths", nargs=-1, metavar="PATH...", type=click.Path(path_type=Path))
@_codes("--select", "Run these rules only: codes, prefixes, names, groups or ALL.")
@_codes("--ignore", "Do not run these rules.")
@_codes("--extend-select", "Run these rules on top of the selected ones.")
@click.option("--pedantic", is_flag=True, help="Also run pedantic rules; show unlikely paths.")
@click.option("--preview", is_flag=True, help="Also run rules that are still being measured.")
@click.option("--fix", "fix", is_flag=True, help="Apply the safe fixes.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix or --diff: the unsafe ones too.")
@click.option("--diff", "diff", is_flag=True, help="Show what --fix would change.")
@click.option(
    "--output-format", type=click.Choice(OUTPUT_FORMATS), help="How findings are printed."
)
@click.option(
    "--output-file",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the report to a file.",
)
@click.option("--statistics", "statistics_", is_flag=True, help="Print a count per rule instead.")
@click.option(
    "--baseline",
    "baseline_",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Do not report what this file knows.",
)
@click.option("--update-baseline", is_flag=True, help="Write the baseline anew.")
@click.option("--since", metavar="REV", help="Only what touches lines changed since a revision.")
@click.option("--add-noqa", is_flag=True, help="Silence each finding with a `# noqa` comment.")
@click.option(
    "--target-version",
    type=click.Choice(TARGET_VERSIONS),
    help="The SQLAlchemy version the code is written for.",
)
@click.option(
    "--min-severity", type=click.Choice(SEVERITIES), help="Leave out what is less severe."
)
@click.option("--exclude", multiple=True, metavar="PATTERN", help="Leave out these, too.")
@click.option(
    "--force-exclude", is_flag=True, help="Leave out excluded files although they are named."
)
@click.option("--stdin-filename", metavar="NAME", help="The name of what is read with `-`.")
@click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Read the settings from this file.",
)
@click.option("--no-config", is_flag=True, help="Read no settings file.")
@click.option("--show-settings", is_flag=True, help="Print the settings in use, and stop.")
@click.option("--show-files", is_flag=True, help="Print the files to lint, and stop.")
@click.option("--show-unresolved", is_flag=True, help="Count what could not be understood.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 although there are findings.")
@click.option("--watch", "watch_", is_flag=True, help="Lint again whenever a file changes.")
@click.option("--jobs", "-j", type=click.IntRange(min=0), help="Processes; 0: one per processor.")
@click.option("--no-cache", is_flag=True, help="Read and write no cache.")
@click.option(
    "--color",
    type=click.Choice(["auto", "always", "never"]),
    default="auto",
    help="Colours; by default on a terminal.",
)
@click.option("--no-progress", is_flag=True, help="No progress bar.")
@click.option("--quiet", "-q", is_flag=True, help="Only findings and errors.")
@click.option("--verbose", "-v", is_flag=True, help="Timings, and tracebacks of internal errors.")
def command(
    paths: tuple[Path, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    extend_select: tuple[str, ...],
    pedantic: bool,
    preview: bool,
    fix: bool,
    unsafe_fixes: bool,
    diff: bool,
    output_format: str | None,
    output_file: Path | None,
    statistics_: bool,
    baseline_: Path | None,
    update_baseline: bool,
    since: str | None,
    add_noqa: bool,
    target_version: str | None,
    min_severity: str | None,
    exclude: tuple[str, ...],
    force_exclude: bool,
    stdin_filename: str | None,
    config: Path | None,
    no_config: bool,
    show_settings: bool,
    show_files: bool,
    show_unresolved: bool,
    exit_zero: bool,
    watch_: bool,
    jobs: int | None,
    no_cache: bool,
    color: str,
    no_progress: bool,
    quiet: bool,
    verbose: bool,
) -> int:
    """Lint files and folders (the current one when none is named; `-` is standard input).

    Exit code 0: nothing found. 1: findings. 2: something you must mend first.
    """
    if config and no_config:
        raise click.UsageError("--config and --no-config exclude each other")
    stdin = Path("-") in paths
    if stdin and len(paths) > 1:
        raise click.UsageError("`-` must be the only path")
    if add_noqa and (stdin or fix or diff):
        raise click.UsageError("--add-noqa goes with files, and without --fix and --diff")
    if watch_ and (stdin or fix or diff or add_noqa or update_baseline):
        raise click.UsageError("--watch goes with files, and changes none")
    if stdin_filename and not stdin:
        raise click.UsageError("--stdin-filename needs the path `-`")
    if output_file and not output_file.absolute().parent.is_dir():
        raise click.UsageError(f"--output-file: there is no folder {output_file.parent}")
    starts = (Path(stdin_filename or "."),) if stdin else paths or (Path(),)
    overrides = Overrides(
        select=select,
        ignore=ignore,
        extend_select=extend_select,
        extend_exclude=exclude,
        pedantic=pedantic,
        preview=preview,
        unsafe_fixes=unsafe_fixes,
        force_exclude=force_exclude,
        output_format=output_format,
        target_version=target_version,
        min_severity=min_severity,
        jobs=jobs,
    )
    try:
        scopes, warnings = settle(starts, overrides, config=config, read_files=not no_config)
    except SettingsError as error:
        complain(f"error: {error}")
        return EXIT_TROUBLE
    if not quiet:
        for warning in warnings:
            complain(f"warning: {warning}")
    settings = scopes.main
    if show_settings:
        say(settings_lines(scopes, starts), Paint())
        return EXIT_CLEAN
    if show_files:
        return _show_files(starts, scopes)
    file = baseline_ or settings.baseline_file
    if no_cache:
        witness.give_up()  # what is said rests on more than what was looked at
    if file is not None and not update_baseline:
        adopting.known(file)  # a run for nothing is over before it begins
    wishes = Wishes(
        baseline=baseline_,
        update_baseline=update_baseline,
        changed=adopting.changed(since, starts) if since else None,
        add_noqa=add_noqa,
        fix="diff" if diff else "fix" if fix else "none",
        output_file=output_file,
        statistics=statistics_,
        exit_zero=exit_zero,
        show_unresolved=show_unresolved,
        progress=not (no_progress or quiet),
        quiet=quiet,
        verbose=verbose,
        color=color,
        cache=not (no_cache or stdin),
    )
    if watch_:
        from sqla_lint.cli.watching import watch

        def anew() -> int:
            try:  # the settings may be what has changed
                now, _ = settle(starts, overrides, config=config, read_files=not no_config)
            except SettingsError as error:
                complain(f"error: {error}")
                return EXIT_TROUBLE
            return _check(starts, None, now, wishes)

        return watch(starts, anew)
    source = (stdin_filename or "<stdin>", sys.stdin.buffer.read()) if stdin else None
    return _check(() if stdin else starts, source, scopes, wishes)


def _check(
    paths: Sequence[Path], stdin: tuple[str, bytes] | None, scopes: Scopes, wishes: Wishes
) -> int:
    from sqla_lint import run  # heavy: only once there is something to lint
    from sqla_lint.gather import cache_of

    settings = scopes.main
    progress = Progress(wanted=wishes.progress)
    where = ""

    def watch(done: int, total: int, path: str) -> None:
        nonlocal where
        where = path if done < total else ""
        progress(done, total, path)

    try:
        outcome = run.run(
            paths,
            settings,
            fix=wishes.fix,
            unsafe=settings.unsafe_fixes,
            stdin=stdin,
            progress=watch,
            cache=cache_of(settings, next(iter(paths), Path())) if wishes.cache else None,
            scopes=scopes,
        )
    except Exception as error:
        progress.clear()
        return _bug(error, f" near {shown_path(where)}" if where else "", wishes)
    finally:
        progress.clear()
    _mention(outcome, wishes)
    try:
        if wishes.changed is not None:
            outcome = replace(outcome, findings=tuple(crossing(outcome.findings, wishes.changed)))
        before = len(outcome.findings)
        outcome = _against(outcome, scopes, wishes)
        known = before - len(outcome.findings)
        if wishes.add_noqa:
            return _silence(outcome)
        _report(outcome, scopes, wishes, known)
    except click.ClickException:
        raise  # said to the user by the command line
    except OSError as error:
        complain(f"error: {error.filename or wishes.output_file}: {error.strerror or error}")
        return EXIT_TROUBLE
    except Exception as error:
        return _bug(error, " in the report", wishes)
    return _exit_code(outcome, wishes)


def _against(outcome: Outcome, scopes: Scopes, wishes: Wishes) -> Outcome:
    """What is left when the baselines are taken off, or have been written anew."""
    groups = adopting.by_baseline(wishes.baseline, scopes, outcome.findings)
    left = list(groups.pop(None, ()))
    if not groups:
        if wishes.update_baseline:
            raise click.UsageError(
                "--update-baseline needs --baseline FILE, or the setting `baseline`"
            )
        return outcome
    witness.give_up()  # what is said rests on more than what was looked at
    for file, findings in groups.items():
        assert file is not None
        if wishes.update_baseline:
            adopting.write(file, findings, outcome.sources)
        else:
            base = adopting.known(file)
            left += adopting.unknown(base, file, findings, outcome.sources, wishes.quiet)
    left.sort(key=lambda f: (f.path, f.span or (), f.code))
    return replace(outcome, findings=tuple(left))


def _silence(outcome: Outcome) -> int:
    """Write a suppression comment for each finding."""
    from sqla_lint.fix.silence import silence_files

    done = silence_files(outcome.findings)
    for trouble in done.troubles:
        complain(f"error: {trouble}")
    complain(f"silenced {count(done.findings, 'finding')} in {count(done.files, 'file')}")
    return EXIT_TROUBLE if done.troubles else EXIT_CLEAN


def _bug(error: Exception, where: str, wishes: Wishes) -> int:
    complain(
        f"error: internal error{where}: {type(error).__name__}: {error} "
        "(a bug in sqla-lint; --verbose shows the traceback)"
    )
    if wishes.verbose:
        traceback.print_exc()
    return EXIT_TROUBLE


def _mention(outcome: Outcome, wishes: Wishes) -> None:
    """What is said beside the report."""
    for problem in outcome.problems:
        place = shown_path(problem.path) + (f":{problem.line}" if problem.line else "")
        if problem.fatal:
            complain(f"error: {place}: {problem.message}")
        elif not wishes.quiet:
            complain(f"warning: {place}: {problem.message}")
    if wishes.quiet:
        return
    for refusal in outcome.refused:
        complain(f"warning: fix not applied: {refusal}")
    if wishes.show_unresolved:
        total = sum(outcome.unresolved.values())
        complain(f"{total} receivers could not be resolved")
        for name, number in sorted(outcome.unresolved.items(), key=lambda item: (-item[1], item)):
            complain(f"{number:>6}  {name}")
    if wishes.verbose:
        for stage, seconds in outcome.timings.items():
            complain(f"{seconds:>9.3f} s  {stage}")


def _report(outcome: Outcome, scopes: Scopes, wishes: Wishes, known: int) -> None:
    if wishes.output_file is not None:
        text = "".join(f"{line}\n" for line in _lines(outcome, scopes, wishes, Paint(), known))
        wishes.output_file.write_text(text, encoding="utf-8", newline="\n")
    stream = sys.stdout
    if outcome.mended is not None:  # `-` with --fix: the source goes out where it would be piped
        hand_over(outcome.mended)
        stream = sys.stderr
    if wishes.output_file is None:
        paint = paint_for(stream, wishes.color)
        say(_lines(outcome, scopes, wishes, paint, known), paint, stream)


def _with_unparsed(outcome: Outcome, scopes: Scopes, output_format: str) -> Outcome:
    """With the files that could not be read as findings, told once; SARIF has a second place for
    what kept a run from being complete, and programs that look there."""
    if not any(problem.unparsable for problem in outcome.problems):
        return outcome
    from sqla_lint.docs import registry
    from sqla_lint.unparsed import unparsed

    more = unparsed(outcome.problems, scopes, registry())
    found = sorted((*outcome.findings, *more), key=lambda f: (f.path, f.span or (), f.code))
    left = [one for one in outcome.problems if output_format == "sarif" or not one.unparsable]
    return replace(outcome, findings=tuple(found), problems=tuple(left))


def _lines(
    outcome: Outcome, scopes: Scopes, wishes: Wishes, paint: Paint, known: int
) -> Iterator[str]:
    settings = scopes.main
    if settings.output_format not in (*TEXT_FORMATS, "html"):
        outcome = _with_unparsed(outcome, scopes, settings.output_format)
    wanted = settings.output_format in EDIT_FORMATS
    edits = changes(outcome.findings, outcome.sources) if wanted else {}
    page = Page(outcome.findings, outcome.sources, outcome.problems, outcome.files, known, edits)
    if wishes.fix == "diff":
        for diff in outcome.diffs:
            yield diff.removesuffix("\n")
        return
    if wishes.statistics:
        yield from statistics(page.findings, settings.output_format, paint)
        return
    yield from RENDERERS[settings.output_format](page, paint)
    if settings.output_format in TEXT_FORMATS and not wishes.quiet:
        fixed = outcome.fixed if wishes.fix == "fix" else None
        yield from summary(page, paint, fixed=fixed, unsafe=settings.unsafe_fixes)


def _exit_code(outcome: Outcome, wishes: Wishes) -> int:
    fatal = [problem for problem in outcome.problems if problem.fatal]
    if fatal:
        if replay.recording is not None and all(problem.lasting for problem in fatal):
            replay.recording.lasting = True
        return EXIT_TROUBLE
    found = outcome.diffs if wishes.fix == "diff" else outcome.findings
    return EXIT_FINDINGS if found and not wishes.exit_zero else EXIT_CLEAN


def _show_files(paths: Sequence[Path], scopes: Scopes) -> int:
    from sqla_lint.discover import discover

    found = discover(paths, scopes)
    say((file.as_posix() for file in found.files), Paint())
    for trouble in found.troubles:
        complain(f"{'error' if trouble.fatal else 'warning'}: {trouble.path}: {trouble.message}")
    return EXIT_TROUBLE if any(trouble.fatal for trouble in found.troubles) else EXIT_CLEAN
