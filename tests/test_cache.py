"""The cache makes a run faster and never another one, whatever has become of it."""

from __future__ import annotations

import os
import pickle
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sqla_lint import start, store
from sqla_lint.cache import Cache
from sqla_lint.cli import COMMANDS

DB = """
from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker

engine = create_engine("sqlite://")
factory = sessionmaker(engine)

def get_session() -> Session:
    return factory()
"""
LEAK = """
from sqlalchemy import text
from app.db import engine

def count():
    conn = engine.connect()
    return conn.execute(text("SELECT 1")).scalar()
"""
FAR = """
from app.db import get_session

def names():
    session = get_session()
    return session.execute("SELECT name FROM users").all()
"""
PLAIN = "def add(a, b):\n    return a + b\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    (root / "app").mkdir(parents=True)
    (root / "pyproject.toml").write_text("")
    for name, text in (
        ("__init__", ""), ("db", DB), ("leak", LEAK), ("far", FAR), ("plain", PLAIN)
    ):  # fmt: skip
        (root / "app" / f"{name}.py").write_text(text)
    return root


def lint(root: Path, *options: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "sqla_lint", ".", "--output-format", "concise", *options],
        cwd=root,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def entries(root: Path) -> list[Path]:
    return [p for p in (root / ".sqla_lint_cache").rglob("*") if p.is_file()]


def modules(root: Path) -> list[Path]:
    return [p for p in entries(root) if len(p.parent.name) == 2]


@pytest.mark.slow
def test_a_run_from_the_cache_says_the_same(project: Path) -> None:
    cold = lint(project, "--no-cache")
    assert cold[0] == 1
    assert not (project / ".sqla_lint_cache").exists()
    assert [lint(project) for _ in range(3)] == [cold] * 3
    assert modules(project)


@pytest.mark.slow
def test_a_repeated_run_imports_neither_rules_nor_parser(project: Path) -> None:
    first = lint(project)
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "sqla_lint", ".", "--output-format", "concise"],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == first[:2]
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert not imported & {"libcst", "sqlalchemy", "click", "sqlparse", "sqla_lint.rules"}


def repeated(root: Path) -> bool:
    """Whether the last run is only said again."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "sqla_lint", ".", "--output-format", "concise"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    return "sqla_lint.rules" not in done.stderr


@pytest.mark.slow
def test_what_appears_above_a_project_matters_when_it_is_imported(project: Path) -> None:
    leak = project / "app" / "leak.py"
    leak.write_text(LEAK.replace("from app.db import engine", "from nearby import engine"))
    lint(project)
    assert repeated(project)
    (project.parent / "other.py").write_text(DB)
    (project.parent / "another").mkdir()
    assert repeated(project)
    (project.parent / "nearby.py").write_text(DB)
    assert not repeated(project)
    assert lint(project) == lint(project, "--no-cache")
    (project.parent / "nearby.py").unlink()
    assert lint(project) == lint(project, "--no-cache")


@pytest.mark.slow
def test_a_run_with_a_file_that_is_no_python_is_repeated(project: Path) -> None:
    (project / "broken.py").write_text("from sqlalchemy import (\n")
    first = lint(project)
    assert first[0] == 2
    assert lint(project) == first
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "sqla_lint", ".", "--output-format", "concise"],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == first[:2]
    assert "libcst" not in done.stderr
    (project / "broken.py").write_text("from sqlalchemy import select\n")
    assert lint(project)[0] != 2


def test_commands_are_known_without_the_command_line() -> None:
    assert set(COMMANDS) == start.COMMANDS


@pytest.mark.slow
def test_every_change_is_seen(project: Path) -> None:
    leak = project / "app" / "leak.py"
    lint(project)
    for text in (LEAK.replace("count", "numbers"), PLAIN, LEAK):
        leak.write_text(text)
        assert lint(project) == lint(project, "--no-cache")
    (project / "app" / "more.py").write_text(LEAK)
    assert lint(project) == lint(project, "--no-cache")
    leak.unlink()
    assert lint(project) == lint(project, "--no-cache")
    (project / "pyproject.toml").write_text('[tool.sqla-lint]\nignore = ["SAL101"]\n')
    assert lint(project) == lint(project, "--no-cache")
    (project / "requirements.txt").write_text("sqlalchemy==1.4.54\n")
    assert lint(project) == lint(project, "--no-cache")


def test_a_change_of_the_same_size_and_time_is_seen(project: Path) -> None:
    leak = project / "app" / "leak.py"
    lint(project)
    before = leak.stat()
    leak.write_text(LEAK.replace("count", "tally"))
    os.utime(leak, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert lint(project) == lint(project, "--no-cache")


def test_a_touched_file_changes_nothing(project: Path) -> None:
    first = lint(project)
    (project / "app" / "leak.py").touch()
    assert lint(project) == first


@pytest.mark.parametrize("damage", [b"", b"\0" * 40, b"sqla-lint 1\n", None])
def test_a_damaged_entry_is_a_miss(project: Path, damage: bytes | None) -> None:
    cold = lint(project)
    for file in entries(project):
        file.write_bytes(file.read_bytes()[:-3] if damage is None else damage)
    assert lint(project) == cold


class Payload:
    def __init__(self, target: str) -> None:
        self.target = target

    def __reduce__(self) -> object:
        return Path.touch, (Path(self.target),)


def test_a_foreign_entry_runs_nothing(project: Path, tmp_path: Path) -> None:
    cold = lint(project)
    target = tmp_path / "ran"
    for file in modules(project):
        store.write(str(file), pickle.dumps(Payload(str(target))))
    for run in (project / ".sqla_lint_cache").rglob("runs"):
        shutil.rmtree(run)
    assert lint(project) == cold
    assert not target.exists()


def test_a_cache_that_cannot_be_written_is_none(project: Path) -> None:
    cold = lint(project, "--no-cache")
    (project / ".sqla_lint_cache").write_text("a file where the folder should be")
    assert lint(project) == cold


def test_a_full_disk_costs_the_cache_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Cache(tmp_path / "cache")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store.os, "replace", full)
    cache.keep_module(b"x = 1\n", b"whatever")
    assert cache.module(b"x = 1\n") is None
    cache.close()
    assert not list((tmp_path / "cache").rglob("*.new"))


def test_two_runs_at_once(project: Path) -> None:
    cold = lint(project, "--no-cache")
    command = [sys.executable, "-m", "sqla_lint", ".", "--output-format", "concise"]
    both = [
        subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    assert [process.communicate()[0] for process in both] == [cold[1]] * 2
    assert lint(project) == cold


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal there")
def test_a_killed_run_leaves_nothing_wrong(project: Path) -> None:
    cold = lint(project, "--no-cache")
    for delay in (0.3, 0.6, 0.9):
        process = subprocess.Popen(
            [sys.executable, "-m", "sqla_lint", "."],
            cwd=project,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert lint(project) == cold
        shutil.rmtree(project / ".sqla_lint_cache", ignore_errors=True)


# Some change what is told to others: what functions give and are given, what is kept on objects,
# who listens, what classes stand on.
WAYS = (
    "base",
    "comment",
    "constant",
    "copy",
    "cut",
    "delete",
    "gives",
    "import",
    "keeps",
    "layout",
    "listens",
    "name",
    "package",
    "passes",
    "rename",
    "session",
    "signature",
    "space",
    "touch",
)
LISTENER = """
from sqlalchemy import event
from sqlalchemy.orm import Session

@event.listens_for(Session, "before_flush")
def heard_{0}(session, context, instances):
    session.commit()
"""


def edits(root: Path, rng: random.Random) -> str:
    """Change a project in one of the ways people do."""
    files = sorted(p for p in root.rglob("*.py") if p.stat().st_size)
    file = rng.choice(files)
    text = file.read_text()
    how = rng.choice(WAYS)
    if how == "constant":
        file.write_text(re.sub(r"\bTrue\b", "1", text, count=1))
    elif how == "layout":
        lines = text.splitlines(keepends=True)
        lines.insert(rng.randrange(len(lines)), "# SAL101\n\n")
        file.write_text("".join(lines))
    elif how == "name":  # of something that others may import
        names = re.findall(r"^(?:def|class) (\w+)", text, re.MULTILINE)
        if names:
            file.write_text(re.sub(rf"\b{rng.choice(names)}\b", "Renamed", text))
    elif how == "package":  # a folder becomes one, or is one no more
        init = file.with_name("__init__.py")
        if init.exists() and not init.stat().st_size:
            init.unlink()
        elif not init.exists():
            init.touch()
    elif how == "touch":
        file.touch()
    elif how == "rename":
        file.rename(file.with_name(f"{file.stem}_{rng.randrange(9)}.py"))
    elif how == "delete" and len(files) > 3:
        file.unlink()
    elif how == "comment":
        file.write_text(text + f"# {rng.random()}\n")
    elif how == "cut":
        lines = text.splitlines(keepends=True)
        del lines[rng.randrange(len(lines))]
        file.write_text("".join(lines))
    elif how == "signature":
        file.write_text(text.replace("():", "(session=None):", 1).replace("(self)", "(self, a)", 1))
    elif how == "import":
        lines = text.splitlines(keepends=True)
        moved = [line for line in lines if not line.startswith(("from ", "import "))]
        file.write_text("".join(moved if rng.random() < 0.5 else [*lines, "import os\n"]))
    elif how == "gives":
        given = rng.choice(("None", "list({0})", "({0}, 1)"))
        file.write_text(_one(rng, text, r"\breturn ([\w.]+)$", f"return {given}"))
    elif how == "passes":
        file.write_text(_one(rng, text, r"(?<=\w)\(([a-z_]+)\)", rng.choice(("(str({0}))", "()"))))
    elif how == "keeps":
        file.write_text(_one(rng, text, r"\bself\.(\w+) = .*$", "self.{0} = None"))
    elif how == "base":
        file.write_text(_one(rng, text, r"^class (\w+)\(.*\):$", "class {0}:"))
    elif how == "session":
        made = _one(
            rng, text, r"\b(sessionmaker|Session|get_session)\(", "{0}(expire_on_commit=False, "
        )
        file.write_text(made)
    elif how == "listens":
        file.write_text(text + LISTENER.format(rng.randrange(99)))
    elif how == "space":
        file.write_text(_one(rng, text, r"(?<=\w)([(,])", "{0}  # SAL101\n"))
    elif how == "copy":
        shutil.copy(file, file.with_name(f"copy_{rng.randrange(99)}.py"))
    return f"{how} {file.name}"


def _one(rng: random.Random, text: str, pattern: str, after: str) -> str:
    """The text with another thing in one of the places that match."""
    found = list(re.finditer(pattern, text, re.MULTILINE))
    if not found:
        return text
    match = rng.choice(found)
    return text[: match.start()] + after.format(match[1]) + text[match.end() :]


def compared(root: Path, number: int, seed: int, *options: str) -> None:
    """A cached run says what an uncached one says, after each of a series of edits."""
    rng = random.Random(seed)
    done: list[str] = []
    for _ in range(number):
        done.append(edits(root, rng))
        assert lint(root, *options) == lint(root, "--no-cache", *options), done


@pytest.mark.slow
def test_after_random_edits_a_cached_run_is_right(project: Path) -> None:
    compared(project, 12, seed=7)
