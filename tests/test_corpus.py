"""What must hold on real code. Asked for with ``--corpus FOLDER``, one folder for each package."""

from __future__ import annotations

import random
import re
import shutil
from pathlib import Path

import pytest
from tests.resolution.blind import judge, read

import sqla_lint.gather
from sqla_lint import lowering
from sqla_lint.cache import Cache
from sqla_lint.outcome import Outcome
from sqla_lint.run import run
from sqla_lint.settings import Settings
from test_cache import edits

pytestmark = [pytest.mark.slow, pytest.mark.corpus]

# Edits of one package, each followed by a run with the cache and one without.
EDITS = 70
# Of the receivers of the sample that are database objects, how many must be known, in percent.
KNOWN = 85
SAMPLES = [Path(__file__).parent / "resolution" / name for name in ("sample.csv", "sample2.csv")]
PACKAGES_EDITED = 4


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


def everything(outcome: Outcome) -> list[object]:
    """Of an outcome, whatever a user can see."""
    return [outcome.findings, outcome.problems, outcome.files, outcome.unresolved]


@pytest.fixture
def parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parsing is most of a run, and of the same bytes in the same place always the same."""
    known: dict[tuple[str, bytes], lowering.Packed] = {}

    def lower_batch(batch: list[tuple[str, bytes]]) -> list[lowering.Packed]:
        for one in batch:
            if one not in known:
                known[one] = lowering.pack(lowering.lower_bytes(*one))
        return [known[one] for one in batch]

    monkeypatch.setattr(lowering, "lower_batch", lower_batch)


@pytest.mark.usefixtures("parsed_once")
@pytest.mark.parametrize("place", range(PACKAGES_EDITED))
def test_after_edits_of_real_files_a_cached_run_is_right(
    corpus: list[Path], tmp_path: Path, place: int
) -> None:
    sizes = {p: sum(f.stat().st_size for f in p.rglob("*.py")) for p in corpus}
    package = sorted((p for p in corpus if sizes[p]), key=lambda p: sizes[p])[place]
    root = tmp_path / package.name
    shutil.copytree(package, root)
    settings = Settings(root=root, pedantic=True, preview=True, jobs=1)
    rng = random.Random(package.name)
    done: list[str] = []
    recalled = 0
    for _ in range(EDITS):
        done.append(edits(root, rng))
        uncached = run([root], settings)
        for _ in range(2):  # the second one repeats what the first one has left
            cached = run([root], settings, cache=Cache(tmp_path / "cache"))
            assert everything(cached) == everything(uncached), done
            recalled += "link" not in cached.timings
    assert EDITS < recalled < 2 * EDITS  # whole runs and recalled ones were compared


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_what_readers_say_of_receivers(corpus: list[Path], sample: Path) -> None:
    there = {package.name for package in corpus}
    rows = [row for row in read(sample) if row.package in there]
    answers = list(judge(rows, corpus[0].parent))
    assert not [one for one in answers if one[1] == "wrong"]
    counted = [answer for _, answer, _ in answers if answer != "silent"]
    assert counted.count("right") * 100 >= KNOWN * len(counted)
