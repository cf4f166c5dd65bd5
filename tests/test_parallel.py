"""Work that is done file by file gives the same whoever does it, in whatever order it ends."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import sqla_lint
from sqla_lint import halves, lowering, witness
from sqla_lint.finding import Finding
from sqla_lint.lowering import Packed
from sqla_lint.lowering import lower_batch as lower
from sqla_lint.outcome import Outcome
from sqla_lint.run import run
from sqla_lint.settings import Settings

# A thread that fails would tell the user so, on the terminal.
pytestmark = pytest.mark.filterwarnings("error::pytest.PytestUnhandledThreadExceptionWarning")

DB = "from sqlalchemy import create_engine\n\nengine = create_engine('sqlite://')\n"
LEAK = """\
from sqlalchemy import text
from {module} import engine


def leak_{name}():
    conn = engine.connect()
    return conn.execute(text("SELECT {number}")).scalar()
"""
BROKEN = "from sqlalchemy import (\n"
DEADLY = "import sqlalchemy  # deadly\n"
FILES = 12


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Files that lean on each other, two of which are no Python."""
    root = tmp_path / "app"
    root.mkdir()
    (root / "__init__.py").touch()
    (root / "db.py").write_text(DB)
    for number in range(FILES):
        module = "app.db" if number % 3 else f"app.m{number - 1}" if number else "app.db"
        text = LEAK.format(module=module, name=f"in_{number}", number=number)
        (root / f"m{number}.py").write_text(text)
    for name in ("broken", "a_broken"):
        (root / f"{name}.py").write_text(BROKEN)
    return root


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file goes to another process."""
    monkeypatch.setattr(lowering, "PARALLEL_FROM", 0)
    monkeypatch.setattr(lowering, "BATCH_FILES", 1)


def slow_at_first(batch: Sequence[tuple[str, bytes]]) -> list[Packed]:
    """What was asked for first comes last."""
    time.sleep(0.2 if batch[0][0].endswith(("db.py", "m0.py")) else 0)
    return lower(batch)


def deadly(batch: Sequence[tuple[str, bytes]]) -> list[Packed]:
    """A parser that takes its process with it."""
    if any(b"deadly" in source for _, source in batch):
        os._exit(9)
    return lower(batch)


def told(outcome: Outcome) -> tuple[object, ...]:
    return outcome.findings, outcome.problems, outcome.unresolved, outcome.files


@pytest.mark.usefixtures("small_batches")
def test_any_number_of_jobs_gives_the_same_in_the_same_order(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lowering, "lower_batch", slow_at_first)
    outcomes = [
        told(run([project], Settings(root=project, jobs=jobs, preview=True, pedantic=True)))
        for jobs in (1, 2, 3)
    ]
    findings = outcomes[0][0]
    assert isinstance(findings, tuple)
    assert len({f.path for f in findings}) == FILES
    assert outcomes[0] == outcomes[1] == outcomes[2]
    paths = [finding.path for finding in findings if isinstance(finding, Finding)]
    assert paths == sorted(paths)


class Backwards(Executor):
    """Does nothing until it is asked for a result, and then the last task first."""

    def __init__(self) -> None:
        self.threads = ThreadPoolExecutor(1)
        self.tasks = 0

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """As `Executor.submit`, later for the first ones."""
        self.tasks += 1
        delay = 0.3 / self.tasks

        def late() -> Any:
            time.sleep(delay)
            return fn(*args, **kwargs)

        return self.threads.submit(late)


@pytest.mark.usefixtures("small_batches")
def test_the_executor_of_the_caller_does_the_work(project: Path) -> None:
    alone = sqla_lint.lint_paths([project], settings=Settings(root=project, jobs=1))
    assert len(alone.findings) == FILES
    assert len(alone.problems) == 2
    with ThreadPoolExecutor(2) as threads, ProcessPoolExecutor(2) as processes:
        for executor in (threads, processes):
            assert sqla_lint.lint_paths([project], executor=executor) == alone
        assert processes.submit(abs, -1).result() == 1  # it is still its owner's
    own = Backwards()
    assert sqla_lint.lint_paths([project], executor=own) == alone
    assert own.tasks > FILES


@pytest.mark.usefixtures("small_batches")
@pytest.mark.skipif(sys.platform == "win32", reason="what is patched here is not, there")
@pytest.mark.parametrize("per_batch", [1, 4, 60])
def test_a_worker_that_dies_costs_one_file(
    project: Path, monkeypatch: pytest.MonkeyPatch, per_batch: int
) -> None:
    alone = run([project], Settings(root=project, jobs=1))
    (project / "m3_deadly.py").write_text(DEADLY)
    (project / "m7_deadly.py").write_text(DEADLY)
    monkeypatch.setattr(lowering, "BATCH_FILES", per_batch)
    monkeypatch.setattr(lowering, "lower_batch", deadly)
    outcome = run([project], Settings(root=project, jobs=2))
    assert outcome.findings == alone.findings
    died = [problem for problem in outcome.problems if problem not in alone.problems]
    assert [(Path(p.path).name, p.message, p.fatal) for p in died] == [
        ("m3_deadly.py", "the process that read this file died", True),
        ("m7_deadly.py", "the process that read this file died", True),
    ]


@pytest.mark.usefixtures("small_batches")
@pytest.mark.skipif(sys.platform == "win32", reason="what is patched here is not, there")
def test_an_executor_of_the_caller_that_breaks_costs_one_file(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "m3_deadly.py").write_text(DEADLY)
    monkeypatch.setattr(lowering, "lower_batch", deadly)
    with ProcessPoolExecutor(2) as processes:
        result = sqla_lint.lint_paths([project], executor=processes)
    assert len(result.findings) == FILES
    assert sorted(Path(problem.path).name for problem in result.problems) == [
        "a_broken.py",
        "broken.py",
        "m3_deadly.py",
    ]


@pytest.fixture
def halved(project: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Any project is checked in two halves; gives the processes that worked on a second one."""
    monkeypatch.setattr("sqla_lint.lint.HALVES_FROM", 0)
    forked: list[int] = []
    fork = getattr(os, "fork", None)

    def watched() -> int:
        child: int = fork() if fork is not None else 0
        forked.append(child)
        return child

    monkeypatch.setattr(halves.os, "fork", watched, raising=False)
    return forked


forking = pytest.mark.skipif(not halves.may_fork(), reason="no process is forked here")


@forking
def test_two_halves_find_what_one_process_finds(project: Path, halved: list[int]) -> None:
    outcomes = [
        told(run([project], Settings(root=project, jobs=jobs, preview=True, pedantic=True)))
        for jobs in (1, 2)
    ]
    assert outcomes[0] == outcomes[1]
    assert len(halved) == 1
    with pytest.raises(ChildProcessError):  # nobody is left behind
        os.waitpid(halved[0], 0)


@forking
def test_a_half_that_dies_is_done_here(
    project: Path, halved: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(root=project, jobs=2, preview=True, pedantic=True)
    whole = run([project], settings)
    parent = os.getpid()
    dumps = halves.pickle.dumps

    def deadly(said: object, protocol: int) -> bytes:
        if os.getpid() != parent:
            os._exit(9)
        return dumps(said, protocol)

    monkeypatch.setattr(halves.pickle, "dumps", deadly)
    assert told(run([project], settings)) == told(whole)
    assert len(halved) == 2


@forking
def test_what_a_half_fails_on_is_done_here(halved: list[int]) -> None:
    parent = os.getpid()

    def second() -> str:
        if os.getpid() != parent:
            raise MemoryError
        return "here"

    assert halves.both(lambda: "first", second) == ("first", "here")
    assert len(halved) == 1


@forking
def test_a_first_half_that_is_interrupted_ends_the_other(halved: list[int]) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        halves.both(interrupted, lambda: time.sleep(60))
    with pytest.raises(ChildProcessError):
        os.waitpid(halved[0], 0)


@forking
def test_no_half_is_forked_beside_threads_or_from_one(project: Path, halved: list[int]) -> None:
    settings = Settings(root=project, jobs=2)
    with ThreadPoolExecutor(1) as threads:
        inside = threads.submit(run, [project], settings).result()
        beside = run([project], settings)
        given = run([project], settings, executor=threads)
    assert told(inside) == told(beside) == told(given)
    assert not halved


@forking
@pytest.mark.usefixtures("halved")
def test_the_caller_of_an_executor_is_not_forked(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[object] = []
    monkeypatch.setattr("sqla_lint.lint.both", lambda *halves: called.append(halves))
    with ProcessPoolExecutor(1) as processes:
        run([project], Settings(root=project, jobs=2), executor=processes)
    assert not called


@forking
def test_what_a_half_looked_at_is_known(tmp_path: Path, halved: list[int]) -> None:
    seen = tmp_path / "seen"
    seen.touch()

    def second() -> dict[str, witness.Look] | None:
        witness.look(seen)
        return witness.seen()

    witness.begin()
    _, looks = halves.both(lambda: None, second)
    assert str(seen) not in (witness.seen() or {})
    witness.also(looks)
    assert str(seen) in (witness.end() or {})
