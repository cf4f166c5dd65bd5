"""What the library does, line by line, beside what the linter says."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from sqla_lint.api import Finding, Settings, lint_paths
from sqla_lint.finding import Span
from sqla_lint.rules.concurrency import sal804_async_expired_access as at_factory

HERE = Path(__file__).parent
APPS = HERE / "apps"
# Which rules are about which harm.
CODES = {
    "detached": frozenset({"SAL108", "SAL113"}),
    "greenlet": frozenset({"SAL803", "SAL804", "SAL113"}),
    "lazy": frozenset({"SAL701"}),
    "select": frozenset({"SAL702"}),
    "write": frozenset({"SAL703"}),
}
SELECTED = frozenset().union(*CODES.values())
# What is said where work is started of what that reads.
_WORK = "read by the work that is started here"
# "# undecided: lazy why", "# missed: lazy why": see `Mark`
_MARK = re.compile(r"# (undecided|missed): (\w+) (.+)")


class Harm(NamedTuple):
    """Something that the library did, with the program's lines on the way."""

    kind: str
    what: str
    lines: tuple[str, ...]
    inside: tuple[str, ...]  # lines below the one that repeats it

    @property
    def places(self) -> frozenset[str]:
        """Where a finding about it may stand."""
        return frozenset(self.lines) | frozenset(self.inside)


class Mark(NamedTuple):
    """Why a harm is not found. ``why``: "undecided" (no static reading can, or it is meant so) or
    "missed" (the linter does not read that far)."""

    why: str
    kind: str
    line: str
    reason: str


class Said(NamedTuple):
    """A line at which the linter says that something happens."""

    code: str
    line: str
    message: str
    lines: frozenset[str]


class Comparison(NamedTuple):
    """One program on one SQLAlchemy. ``told`` are misses that a mark gives the reason of."""

    found: tuple[Harm, ...]
    missed: tuple[Harm, ...]
    told: tuple[tuple[Harm, Mark], ...]
    alarms: tuple[Said, ...]
    idle: tuple[Mark, ...]  # marks that nothing needs


def harms(rows: Iterable[dict[str, Any]]) -> list[Harm]:
    """What was seen: one for each kind and way."""
    found: dict[tuple[str, tuple[str, ...]], Harm] = {}
    for row in rows:
        harm = Harm(row["kind"], row["what"], tuple(row["lines"]), tuple(row["inside"]))
        key = (harm.kind, harm.lines)
        if key in found:
            one = found[key]
            harm = one._replace(inside=(*one.inside, *harm.inside))
        found[key] = harm
    return list(found.values())


def lint(name: str, target: str) -> list[Said]:
    """What the linter says of a program that is written for a version."""
    shown = at_factory.SHOWN
    at_factory.SHOWN = 10_000  # a factory tells of all its reads
    version = target.partition("-")[0]
    try:
        # elsewhere: the rules are lenient with what lies in a folder of tests
        with tempfile.TemporaryDirectory() as home:
            root = Path(home).resolve()
            shutil.copytree(APPS / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
            settings = Settings(
                root=root,
                select=tuple(sorted(SELECTED)),
                preview=True,
                pedantic=True,
                target_version=version,
                test_paths=(),
                jobs=1,
                cache_dir=str(root / "cache"),
            )
            result = lint_paths([root / name], settings=settings)
            assert not result.problems, result.problems
            return [said for finding in result.findings for said in _said(finding, root)]
    finally:
        at_factory.SHOWN = shown


def _said(finding: Finding, root: Path) -> Iterator[Said]:
    places = [(step.path or finding.path, step.span) for step in finding.steps]
    own = [(finding.path, finding.span)]
    if finding.code == "SAL804" and "expire their objects" in finding.message:
        own, places = places, []  # said of the factory: each of its reads
    elif finding.code != "SAL113" and _WORK not in finding.message:
        places = []  # of work that is started the step that reads may harm
    for file, span in own:
        lines = frozenset().union(*(_lines(root, *place) for place in ((file, span), *places)))
        assert span is not None
        yield Said(finding.code, f"{_relative(root, file)}:{span.line}", finding.message, lines)


def _lines(root: Path, file: str, span: Span | None) -> frozenset[str]:
    assert span is not None
    path = _relative(root, file)
    return frozenset(f"{path}:{n}" for n in range(span.line, span.end_line + 1))


def _relative(root: Path, file: str) -> str:
    return (root / file).relative_to(root).as_posix()


def marks(name: str) -> list[Mark]:
    """Lines of a program that are not found, with the reason."""
    found = []
    for path in sorted((APPS / name).glob("*.py")):
        for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            mark = _MARK.search(text)
            if mark is not None:
                found.append(Mark(mark[1], mark[2], f"{name}/{path.name}:{number}", mark[3]))
    return found


def compare(name: str, target: str, seen: list[Harm]) -> Comparison:
    """The program's harms that were found and missed, and the findings that are none."""
    said = lint(name, target)
    marked = marks(name)
    found, missed, told = [], [], []
    for harm in seen:
        mark = next((m for m in marked if m.kind == harm.kind and m.line in harm.lines), None)
        if any(s.code in CODES[harm.kind] and s.lines & harm.places for s in said):
            found.append(harm)
        elif mark is not None:
            told.append((harm, mark))
        else:
            missed.append(harm)
    needed = {mark for _, mark in told}
    alarms = [
        s for s in said if not any(s.code in CODES[h.kind] and s.lines & h.places for h in seen)
    ]
    idle = tuple(mark for mark in marked if mark not in needed)
    return Comparison(tuple(found), tuple(missed), tuple(told), tuple(alarms), idle)
