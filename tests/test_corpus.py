"""What must hold on real code. Asked for with ``--corpus FOLDER``, one folder for each package."""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path

import pytest

import sqla_lint.gather
from sqla_lint.outcome import Outcome
from sqla_lint.run import run
from sqla_lint.settings import Settings
from test_cache import edits, lint

pytestmark = [pytest.mark.slow, pytest.mark.corpus]

# Edits of one package, each followed by a run with the cache and one without.
EDITS = 40
PACKAGES_EDITED = 5


@pytest.fixture
def corpus(request: pytest.FixtureRequest) -> list[Path]:
    folder = Path(request.config.getoption("--corpus"))
    packages = sorted(p for p in folder.iterdir() if p.is_dir()) if folder.is_dir() else []
    assert packages, f"there are no packages in {folder}"
    return packages


def told(outcome: Outcome) -> list[object]:
    return [(f.path, f.span, f.code, f.message, f.steps) for f in outcome.findings]


def test_files_that_are_not_parsed_would_change_no_finding(
    corpus: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in corpus:
        settings = Settings(root=package, pedantic=True, preview=True)
        gated = run([package], settings)
        with monkeypatch.context() as patch:
            patch.setattr(sqla_lint.gather, "contact", lambda words=(): re.compile(b""))
            whole = run([package], settings)
        assert told(gated) == told(whole), package.name


def test_after_edits_of_real_files_a_cached_run_is_right(
    corpus: list[Path], tmp_path: Path
) -> None:
    by_size = sorted(corpus, key=lambda p: sum(f.stat().st_size for f in p.rglob("*.py")))
    for package in by_size[:PACKAGES_EDITED]:
        root = tmp_path / package.name
        shutil.copytree(package, root)
        (root / "pyproject.toml").touch()
        rng = random.Random(package.name)
        done: list[str] = []
        for _ in range(EDITS):
            done.append(edits(root, rng))
            assert lint(root, "--preview") == lint(root, "--preview", "--no-cache"), done
