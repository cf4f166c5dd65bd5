"""One self-contained page: charts, a list to filter, and source with the path drawn on it.

Style and script lie beside this module and are put into the page; nothing is fetched.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files
from typing import NamedTuple

from sqla_lint.finding import Applicability, Finding, Severity, Span
from sqla_lint.report.frame import source_lines
from sqla_lint.report.page import Page, shown_path, where
from sqla_lint.report.paint import Paint, clean
from sqla_lint.report.summary import count
from sqla_lint.version import __version__

CONTEXT = 3  # lines around a mark
MOST_BARS = 15  # rules in the chart; the rest is summed up
_WORDS = {
    Severity.ERROR: ("error", "errors"),
    Severity.WARNING: ("warning", "warnings"),
    Severity.ADVICE: ("advice", "advice"),
}
_APPLIED = {
    Applicability.SAFE: "`--fix` does it",
    Applicability.UNSAFE: "`--fix --unsafe-fixes` does it; look it over",
    Applicability.DISPLAY: "by hand",
}


class _Stop(NamedTuple):
    """A marked place: 0 is the finding itself, others are its steps."""

    number: int
    path: str
    span: Span


def render(page: Page, paint: Paint) -> Iterator[str]:
    yield "<!doctype html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield "<title>sqla-lint report</title>"
    yield f"<style>\n{_asset('page.css')}</style></head><body>"
    yield from _head(page)
    for trouble in page.troubles:
        place = shown_path(trouble.path) + (f":{trouble.line}" if trouble.line else "")
        yield f'<p class="trouble">{_text(place)}: {_text(trouble.message)}</p>'
    if page.findings:
        yield from _charts(page.findings)
        yield from _controls(page.findings)
    yield '<main id="findings">'
    path, lines = "", list[str]()
    for finding in page.findings:
        if finding.path != path:
            if path:
                yield "</section>"
            path, lines = finding.path, source_lines(page.sources.get(finding.path, ""))
            yield f'<section class="file"><h2>{_text(shown_path(path))}</h2>'
        yield from _finding(finding, lines, page)
    if path:
        yield "</section>"
    yield "</main>"
    yield f"<script>\n{_asset('page.js')}</script></body></html>"


def _asset(name: str) -> str:
    place = files("sqla_lint.report") / "assets" / name
    return place.read_text(encoding="utf-8")


def _text(text: str) -> str:
    return escape(clean(text))


def _code(text: str) -> str:
    """A message with the pieces in backticks set as code."""
    parts = _text(text).split("`")
    if len(parts) % 2 == 0:  # a lone backtick is only a backtick
        return _text(text)
    return "".join(f"<code>{p}</code>" if i % 2 else p for i, p in enumerate(parts))


def _head(page: Page) -> Iterator[str]:
    found = Counter(finding.severity for finding in page.findings)
    said = ", ".join(
        f"{found[severity]:,} {words[found[severity] != 1]}"
        for severity, words in _WORDS.items()
        if found[severity]
    )
    in_files = len({finding.path for finding in page.findings})
    yield (
        f"<header><h1>sqla-lint <small>{_text(__version__)}</small></h1>"
        f"<p>{said or 'No findings'} in {in_files or 'all'} of {count(page.files, 'file')}</p>"
        "</header>"
    )


def _charts(findings: Sequence[Finding]) -> Iterator[str]:
    total = len(findings)
    severities = Counter(finding.severity for finding in findings)
    yield '<section class="charts"><div class="stack" role="img" aria-label="by severity">'
    for severity, words in _WORDS.items():
        number = severities[severity]
        if number:
            yield (
                f'<span class="{severity.value}" style="flex:{number}"'
                f' title="{number} {words[number != 1]}"></span>'
            )
    yield "</div>"
    ranked = Counter((f.code, f.name) for f in findings).most_common()
    worst = {f.code: f.severity.value for f in findings}
    most = ranked[0][1]
    for (code, name), number in ranked[:MOST_BARS]:
        yield (
            f'<button class="bar" data-code="{_text(code)}"><b>{_text(code)}</b>'
            f"<span>{_text(name)}</span><i class='{worst[code]}'"
            f' style="width:{max(1, round(100 * number / most))}%"></i><em>{number:,}</em></button>'
        )
    rest = total - sum(number for _, number in ranked[:MOST_BARS])
    if rest:
        yield f'<p class="rest">and {rest:,} of {len(ranked) - MOST_BARS} more rules</p>'
    yield "</section>"


def _controls(findings: Sequence[Finding]) -> Iterator[str]:
    yield '<form class="controls" onsubmit="return false">'
    yield '<input type="search" id="filter" placeholder="Filter by file, code, function or text">'
    present = {finding.severity for finding in findings}
    for severity, words in _WORDS.items():
        if severity in present:
            yield (
                f'<label><input type="checkbox" name="severity" value="{severity.value}" checked>'
                f"{words[1]}</label>"
            )
    yield '<button type="button" id="open">Open all</button><output id="shown"></output></form>'


def _finding(finding: Finding, lines: list[str], page: Page) -> Iterator[str]:
    span = where(finding)
    yield (
        f'<details class="finding {finding.severity.value}" data-code="{_text(finding.code)}"'
        f' data-severity="{finding.severity.value}">'
        f'<summary><b class="code">{_text(finding.code)}</b>'
        f'<span class="place">{span.line}:{span.column}</span>'
        f'<span class="message">{_code(finding.message)}</span></summary>'
    )
    if finding.function:
        yield f'<p class="inside">in <code>{_text(finding.function)}</code></p>'
    stops = [_Stop(0, finding.path, span)] if finding.span else []
    stops += [
        _Stop(number, step.path or finding.path, step.span)
        for number, step in enumerate(finding.steps, 1)
        if step.span is not None
    ]
    yield '<div class="view"><div class="sources">'
    for path in dict.fromkeys(stop.path for stop in stops):
        here = [stop for stop in stops if stop.path == path]
        text = lines if path == finding.path else source_lines(page.sources.get(path, ""))
        if path != finding.path:
            yield f"<h3>{_text(shown_path(path))}</h3>"
        yield from _source(text, here)
    yield "</div>"
    if finding.steps:
        yield '<ol class="steps">'
        for number, step in enumerate(finding.steps, 1):
            place = f"line {step.span.line}: " if step.span else ""
            yield f'<li tabindex="0" data-step="{number}">{place}{_code(step.message)}</li>'
        yield "</ol>"
    yield "</div>"
    if finding.help:
        yield f'<p class="help"><b>help</b> {_code(finding.help)}</p>'
    rewrite = finding.rewrite
    if rewrite is not None:
        how = _APPLIED[rewrite.applicability]
        yield f'<p class="help"><b>fix</b> {_code(f"{rewrite.message} ({how})")}</p>'
    yield "</details>"


def _source(lines: Sequence[str], stops: Sequence[_Stop]) -> Iterator[str]:
    """The lines around the stops, each stop marked in place."""
    wanted = {
        number
        for stop in stops
        for number in range(stop.span.line - CONTEXT, stop.span.line + CONTEXT + 1)
        if 1 <= number <= len(lines)
    }
    stopped = {stop.span.line for stop in stops}
    for ends in (min, max):  # blank lines at an end tell nothing
        while wanted and ends(wanted) not in stopped and not lines[ends(wanted) - 1].strip():
            wanted.remove(ends(wanted))
    yield '<div class="source">'
    before = min(wanted, default=1) - 1
    for number in sorted(wanted):
        if number > before + 1:
            yield '<span class="gap">⋮</span>'
        before = number
        here = [stop for stop in stops if stop.span.line == number]
        badges = "".join(f'<i data-step="{s.number}">{s.number}</i>' for s in here if s.number)
        marked = " marked" if here else ""
        yield (
            f'<span class="line{marked}"><u>{number}</u><s>{badges}</s>'
            f"<q>{_marked(lines[number - 1], here)}</q></span>"
        )
    yield "</div>"


def _marked(line: str, stops: Sequence[_Stop]) -> str:
    """A line of code with its stops marked; where they overlap, the widest is drawn."""
    out, at = "", 0
    for stop in sorted(stops, key=lambda s: (s.span.column, -s.span.end_column)):
        start = stop.span.column - 1
        end = len(line) if stop.span.end_line > stop.span.line else stop.span.end_column - 1
        if start < at or end <= start:
            continue
        kind = "site" if stop.number == 0 else "step"
        out += _text(line[at:start])
        out += f'<mark class="{kind}" data-step="{stop.number}">{_text(line[start:end])}</mark>'
        at = end
    return out + _text(line[at:])
