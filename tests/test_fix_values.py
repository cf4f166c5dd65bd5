"""Fixed programs do what they were meant to do, whatever value they are given.

See `values/README.md`.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from proofs.environments import ENVIRONMENTS, Environment, applicable, ensure
from sqla_lint.finding import Finding
from sqla_lint.run import run
from sqla_lint.settings import Settings
from values import made

TESTS = Path(__file__).parent
PROGRAMS = sorted((TESTS / "values" / "programs").glob("*.py"))
SECONDS = 300
COSTLY = {"counted"}  # nothing was wrong with what it gave, it only took too long

pytestmark = pytest.mark.slow


def fixed(path: Path, codes: str = "SAL4,SAL5") -> tuple[Finding, ...]:
    """Fix a file in place; what is left."""
    settings = Settings(
        select=tuple(codes.split(",")), preview=True, pedantic=True, target_version="2.0"
    )
    return run([path], settings, fix="fix", unsafe=True).findings


def wrong(environment: Environment, program: Path) -> dict[str, list[str]]:
    """The values that each function of a program goes wrong with, on one SQLAlchemy."""
    answers = program.with_suffix(".json")
    played = subprocess.run(
        [ensure(environment), "-m", "values.play", program, answers],
        cwd=TESTS,
        env={**os.environ, "PYTHONPATH": str(TESTS), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert played.returncode == 0, played.stdout + played.stderr
    found: dict[str, list[str]] = json.loads(answers.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda environment: environment.name)
@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_every_value_passes_a_fix_unharmed(
    path: Path, environment: Environment, tmp_path: Path
) -> None:
    if not applicable(environment):
        pytest.skip("no Python here is new enough")
    before, after = tmp_path / "before.py", tmp_path / "after.py"
    for place in (before, after):
        place.write_bytes(path.read_bytes())
    assert not fixed(after), "every mistake has a fix"
    harmless = [name for name, values in wrong(environment, before).items() if not values]
    legacy = environment.name == "1.4"  # where a string is still a statement
    assert legacy or COSTLY.issuperset(harmless), "nothing was wrong with these"
    assert {name: values for name, values in wrong(environment, after).items() if values} == {}


def test_whatever_is_pasted_is_bound(tmp_path: Path) -> None:
    program = tmp_path / "made.py"
    program.write_text(made.program(), encoding="utf-8")
    left = {finding.function for finding in fixed(program, "SAL401")}
    assert not left
    environment = next(one for one in ENVIRONMENTS if one.name == "2.0")
    assert {name: values for name, values in wrong(environment, program).items() if values} == {}
