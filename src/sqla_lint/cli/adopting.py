"""Adopting the linter on an old code base: what was there before is not shown again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import click

from sqla_lint import baseline
from sqla_lint.cli.console import complain
from sqla_lint.finding import Finding
from sqla_lint.report.page import shown_path
from sqla_lint.report.summary import count
from sqla_lint.scopes import Scopes
from sqla_lint.since import Changed, GitError, changed_since


def known(file: Path) -> baseline.Baseline:
    """The baseline to compare with."""
    try:
        return baseline.read(file)
    except baseline.BaselineError as error:
        raise click.UsageError(str(error)) from None
    except FileNotFoundError:
        raise click.UsageError(
            f"{shown_path(str(file))}: no such baseline; --update-baseline writes it"
        ) from None
    except OSError as error:
        raise click.UsageError(f"{shown_path(str(file))}: {error.strerror or error}") from None


def by_baseline(
    explicit: Path | None, scopes: Scopes, findings: Sequence[Finding]
) -> dict[Path | None, list[Finding]]:
    """The findings by the baseline that is asked about them: the one of the command line for all,
    else that of the settings that hold for the file. None: there is none."""
    if explicit is not None:
        return {explicit: list(findings)}
    groups: dict[Path | None, list[Finding]] = {
        settings.baseline_file: [] for settings in scopes.used()
    }
    for finding in findings:
        groups.setdefault(scopes.of(finding.path).baseline_file, []).append(finding)
    return groups


def unknown(
    base: baseline.Baseline,
    file: Path,
    findings: Sequence[Finding],
    sources: Mapping[str, str],
    quiet: bool,
) -> tuple[Finding, ...]:
    """The findings that the baseline does not hold; says which of its entries are stale."""
    told = baseline.compare(base, findings, sources, file)
    if told.stale and not quiet:
        total = sum(number for _, number in told.stale)
        complain(
            f"{count(total, 'finding')} of {shown_path(str(file))} "
            f"{'is' if total == 1 else 'are'} gone; --update-baseline takes them out:"
        )
        for key, number in told.stale:
            times = f" ({number} times)" if number > 1 else ""
            inside = f" in `{key.function}`" if key.function else ""
            complain(f"  {key.path}: {key.code}{inside}{times}")
    return told.new


def write(file: Path, findings: Iterable[Finding], sources: Mapping[str, str]) -> None:
    """Write the baseline that knows these findings. Raises OSError."""
    made = baseline.of(findings, sources, file)
    file.write_text(baseline.dumps(made), encoding="utf-8", newline="\n")
    complain(f"wrote {count(sum(made.entries.values()), 'finding')} to {shown_path(str(file))}")


def changed(revision: str, starts: Sequence[Path]) -> Changed:
    """What differs from a revision, in the repository of the first path."""
    try:
        return changed_since(revision, starts[0])
    except GitError as error:
        raise click.UsageError(f"--since {revision}: {error}") from None
