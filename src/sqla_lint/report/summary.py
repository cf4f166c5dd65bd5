"""The figures at the end of a report."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence

from sqla_lint.finding import Applicability, Finding, Severity
from sqla_lint.report.page import Page, fixable
from sqla_lint.report.paint import Paint


def summary(page: Page, paint: Paint, *, fixed: int | None, unsafe: bool) -> Iterator[str]:
    """How many findings, of which severity, and how many of them go away by themselves.

    ``fixed`` is None when no fixing was asked for. Where fixing was, what could be fixed is: the
    fixes that are left were refused and are not offered again.
    """
    if fixed:
        yield paint("good", f"Fixed {count(fixed, 'finding')}.")
    if not page.findings:
        failed = {trouble.path for trouble in page.troubles if trouble.fatal}
        if failed:
            yield f"No findings in {count(page.files, 'file')}, but not all could be linted."
        elif page.known:
            held = f"{count(page.known, 'known one')} in the baseline"
            yield paint("good", f"No new findings in {count(page.files, 'file')}, {held}.")
        else:
            yield paint("good", f"No findings in {count(page.files, 'file')}.")
        return
    severities = Counter(finding.severity for finding in page.findings)
    words = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.ADVICE: "advice"}
    parts = [
        f"{severities[severity]} {word}" if word == "advice" else count(severities[severity], word)
        for severity, word in words.items()
        if severities[severity]
    ]
    files = len({finding.path for finding in page.findings})
    beside = f", and {count(page.known, 'known one')} in the baseline" if page.known else ""
    yield f"Found {_listed(parts)} in {files} of {count(page.files, 'file')}{beside}."
    safe = sum(fixable(finding, Applicability.SAFE) for finding in page.findings)
    risky = sum(fixable(finding, Applicability.UNSAFE) for finding in page.findings)
    if unsafe:
        safe, risky = safe + risky, 0
    if fixed is not None:
        safe = 0
    if safe and risky:
        yield f"{safe} fixable with `--fix`, {risky} more with `--fix --unsafe-fixes`."
    elif safe:
        yield f"{safe} fixable with `--fix`."
    elif risky:
        yield f"{risky} fixable with `--fix --unsafe-fixes`."


def statistics(findings: Sequence[Finding], output_format: str, paint: Paint) -> Iterator[str]:
    """How often each rule fired, the most frequent first."""
    counts = Counter((finding.code, finding.name) for finding in findings)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    fixes = Counter(f.code for f in findings if fixable(f, Applicability.SAFE))
    if output_format == "json":
        records = [
            {"code": code, "name": name, "count": number, "fixable": fixes[code]}
            for (code, name), number in ranked
        ]
        yield json.dumps(records, indent=2)
        return
    wide = max((len(str(number)) for number in counts.values()), default=1)
    for (code, name), number in ranked:
        star = paint("good", "[*]") if fixes[code] else "[ ]"
        yield f"{number:>{wide}}  {paint('bold', code)}  {star} {name}"


def count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + f" and {parts[-1]}"
