"""Baselines: what was there before is not shown again, wherever it has moved to."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from sqla_lint import baseline
from sqla_lint.baseline import Baseline, BaselineError, Key
from sqla_lint.finding import Finding, Span

SOURCE = "def f():\n    conn = engine.connect()\n    conn.execute(a,\n                 b)\n"
FOUND = Finding(
    "SAL101", "connection-not-closed", "it leaks", "app/db.py", 0, function="f",
    span=Span(2, 12, 2, 28),
)  # fmt: skip


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "known.json"


def known(file: Path, *findings: Finding) -> Baseline:
    return baseline.of(findings, {"app/db.py": SOURCE}, file)


def test_a_known_finding_is_not_new(file: Path) -> None:
    told = baseline.compare(known(file, FOUND), [FOUND], {"app/db.py": SOURCE}, file)
    assert told == ((), ())


def test_lines_and_white_space_may_change(file: Path) -> None:
    moved = replace(FOUND, span=Span(5, 12, 6, 12))
    source = "\n\n\n\n    conn = engine.connect(\n           )\n"
    base = Baseline({Key("SAL101", "app/db.py", "f", "engine.connect( )"): 1})
    assert baseline.compare(base, [moved], {"app/db.py": source}, file) == ((), ())


def test_a_function_may_move_to_another_file(file: Path) -> None:
    moved = replace(FOUND, path="lib/new.py")
    told = baseline.compare(known(file, FOUND), [moved], {"lib/new.py": SOURCE}, file)
    assert told == ((), ())


def test_a_second_finding_of_a_key_is_new(file: Path) -> None:
    second = replace(FOUND, span=Span(2, 12, 2, 28), message="it leaks again")
    told = baseline.compare(known(file, FOUND), [FOUND, second], {"app/db.py": SOURCE}, file)
    assert told.new == (second,)


def test_what_is_mended_is_stale(file: Path) -> None:
    told = baseline.compare(known(file, FOUND, FOUND), [FOUND], {"app/db.py": SOURCE}, file)
    assert told.stale == ((Key("SAL101", "app/db.py", "f", "engine.connect()"), 1),)


def test_another_function_is_not_matched(file: Path) -> None:
    other = replace(FOUND, function="g")
    told = baseline.compare(known(file, FOUND), [other], {"app/db.py": SOURCE}, file)
    assert (told.new, len(told.stale)) == ((other,), 1)


def test_the_file_is_read_as_it_was_written(file: Path) -> None:
    base = known(file, FOUND, FOUND, replace(FOUND, function="g"))
    file.write_text(baseline.dumps(base), encoding="utf-8")
    assert baseline.read(file) == base
    assert len(json.loads(file.read_text())["entries"]) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", ":1: is not JSON"),
        ("[]", "is not a baseline of this version"),
        ('{"version": 99}', "is not a baseline of this version"),
        ('{"version": 1, "entries": [{"code": "SAL101"}]}', "entry 1 is not one"),
    ],
)
def test_what_is_no_baseline_is_refused(file: Path, text: str, said: str) -> None:
    file.write_text(text)
    with pytest.raises(BaselineError, match=said):
        baseline.read(file)
