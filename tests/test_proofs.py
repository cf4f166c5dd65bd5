"""Every rule's harm is real: shown in bad programs, absent from corrected and good ones."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from outcomes import OUTCOMES, Seen, seen
from proofs import stage
from proofs.environments import ENVIRONMENTS, Environment, applicable, ensure
from proofs.stage import KINDS, Case

ROOT = Path(__file__).parent.parent
FOLDERS = sorted(path.parent for path in (ROOT / "fixtures").glob("*/proof.py"))
RUN_SECONDS = 1800  # all proofs of one SQLAlchemy; minutes, on a busy machine


class Played(NamedTuple):
    """A case as it was played on one version."""

    environment: Environment
    version: str
    folder: Path
    kind: str
    case: Case

    def __str__(self) -> str:
        return f"{self.version}-{self.folder.name}-{self.case.name}"


def _proof(folder: Path) -> Any:
    return stage.load(folder / "proof.py", "proof_" + folder.name.replace("-", "_"))


def _played() -> list[Played]:
    return [
        Played(environment, version, folder, proof.KIND, case)
        for folder, proof in [(folder, _proof(folder)) for folder in FOLDERS]
        for case in stage.cases(proof)
        for environment in ENVIRONMENTS
        if applicable(environment)
        for version in environment.versions
        if version in case.versions
    ]


PLAYED = _played()

Answers = dict[tuple[str, str, str, str], dict[str, Any]]


@pytest.fixture(scope="session")
def runs(request: pytest.FixtureRequest) -> dict[Environment, Future[Answers]]:
    """What each environment answers: it plays all that was asked for at once, beside the others."""
    asked: dict[Environment, dict[Path, None]] = {}
    for item in request.session.items:
        played = getattr(getattr(item, "callspec", None), "params", {}).get("played")
        if isinstance(played, Played):
            asked.setdefault(played.environment, {})[played.folder] = None
    pool = ThreadPoolExecutor(len(asked))
    return {
        environment: pool.submit(run_proofs, environment, folders)
        for environment, folders in asked.items()
    }


def run_proofs(environment: Environment, folders: Iterable[Path]) -> Answers:
    """What every case and program did on one SQLAlchemy."""
    python = ensure(environment)
    with tempfile.TemporaryDirectory() as home:
        answers = Path(home) / "answers.jsonl"
        run = subprocess.run(
            [python, "-m", "proofs.runner", answers, *folders],
            cwd=ROOT / "tests",
            env={**os.environ, "PYTHONPATH": str(ROOT / "tests"), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            timeout=RUN_SECONDS,
            check=False,
        )
        assert run.returncode == 0, run.stdout + run.stderr
        rows = [json.loads(line) for line in answers.read_text(encoding="utf-8").splitlines()]
    return {(row["version"], row["fixture"], row["case"], row["program"]): row for row in rows}


def _answer(
    runs: dict[Environment, Future[Answers]], played: Played, program: str
) -> dict[str, Any]:
    key = (played.version, played.folder.name, played.case.name, program)
    answer = runs[played.environment].result()[key]
    assert "error" not in answer, f"{program}.py: {answer['error']}"
    return answer


@pytest.mark.parametrize("played", PLAYED, ids=str)
def test_proof(runs: dict[Environment, Future[Answers]], played: Played) -> None:
    case = played.case
    if played.kind == "equivalence" and len(case.programs) > 1:
        first, *others = [_answer(runs, played, program) for program in case.programs]
        for other in others:
            assert other["answer"] == first["answer"]
            assert other["cost"] < first["cost"], "the advice must pay"
        return
    for program in case.programs:
        harm = _answer(runs, played, program)["harm"]
        if program.startswith("bad") and played.version in case.harmful:
            assert harm, f"{program}.py shows no harm"
        else:
            assert not harm, f"{program}.py: {harm}"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_proof_says_what_it_shows(folder: Path) -> None:
    proof = _proof(folder)
    assert proof.__doc__
    assert proof.KIND in KINDS
    played = stage.cases(proof)
    assert played
    programs = {program for case in played for program in case.programs}
    assert {"bad", "corrected"} <= programs
    assert any(program.startswith("good") for program in programs)


def test_what_the_pages_say_was_seen(runs: dict[Environment, Future[Answers]]) -> None:
    """Every harm that the pages tell of is one that a proof has just seen, and none is left out."""
    written: Seen = json.loads(OUTCOMES.read_text(encoding="utf-8"))
    shown: Seen = {}
    for run in runs.values():
        for code, versions in seen(run.result()).items():
            shown.setdefault(code, {}).update(versions)
    told = {
        code: sorted(versions.keys() & _versions(runs))
        for code, versions in written.items()
        if code in shown
    }
    assert told == {code: sorted(versions) for code, versions in shown.items()}, (
        "run `python tests/outcomes.py`"
    )


def _versions(runs: dict[Environment, Future[Answers]]) -> set[str]:
    return {version for environment in runs for version in environment.versions}
