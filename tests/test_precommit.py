"""The hooks, run by the real pre-commit program on a throw-away repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ("src", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml")
INSTALL_SECONDS = 600  # pre-commit installs the package and what it needs

BAD = """\
from sqlalchemy import create_engine, text

engine = create_engine("sqlite://")


def names() -> list[str]:
    with engine.connect() as conn:
        return list(conn.execute("select name from users").scalars())
"""
GOOD = '"""Nothing to see."""\n'

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("git") is None, reason="pre-commit needs git"),
]


def run(*command: str, cwd: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=cwd, env=env, capture_output=True, text=True, timeout=INSTALL_SECONDS,
        check=False,
    )  # fmt: skip


def repository(folder: Path, env: dict[str, str]) -> str:
    """Commit everything of a folder; the commit."""
    for command in (
        ("git", "init", "--quiet"),
        ("git", "add", "--all"),
        ("git", "commit", "--quiet", "--message", "all"),
    ):
        done = run(*command, cwd=folder, env=env)
        assert done.returncode == 0, done.stderr
    return run("git", "rev-parse", "HEAD", cwd=folder, env=env).stdout.strip()


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    home = tmp_path_factory.mktemp("home")
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PYTHON"))
    }
    return inherited | {
        "PRE_COMMIT_HOME": str(home / "cache"),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "GIT_AUTHOR_NAME": "a",
        "GIT_AUTHOR_EMAIL": "a@localhost",
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@localhost",
        "NO_COLOR": "1",
    }


@pytest.fixture(scope="module")
def linter(tmp_path_factory: pytest.TempPathFactory, env: dict[str, str]) -> tuple[Path, str]:
    """This checkout as a repository of hooks, with what is not committed yet."""
    folder = tmp_path_factory.mktemp("linter")
    for name in PACKAGE:
        if (ROOT / name).is_dir():
            shutil.copytree(
                ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        else:
            shutil.copy(ROOT / name, folder / name)
    return folder, repository(folder, env)


@pytest.fixture
def project(tmp_path: Path, linter: tuple[Path, str], env: dict[str, str]) -> Path:
    folder, commit = linter
    (tmp_path / ".pre-commit-config.yaml").write_text(
        f"repos:\n- repo: '{folder.as_posix()}'\n  rev: {commit}\n  hooks:\n"
        "  - id: sqla-lint\n  - id: sqla-lint-fix\n"
    )
    (tmp_path / "bad.py").write_text(BAD)
    (tmp_path / "good.py").write_text(GOOD)
    repository(tmp_path, env)
    return tmp_path


def hook(
    name: str, project: Path, env: dict[str, str], *options: str
) -> subprocess.CompletedProcess[str]:
    return run(
        sys.executable, "-m", "pre_commit", "run", name, *options, cwd=project, env=env
    )  # fmt: skip


def test_the_hooks_report_then_fix(project: Path, env: dict[str, str]) -> None:
    told = hook("sqla-lint", project, env, "--all-files")
    assert told.returncode == 1, told.stdout + told.stderr
    assert "SAL403" in told.stdout
    assert "bad.py" in told.stdout
    assert (project / "bad.py").read_text() == BAD

    fixed = hook("sqla-lint-fix", project, env, "--all-files")
    assert fixed.returncode == 1, fixed.stdout + fixed.stderr
    assert "files were modified by this hook" in fixed.stdout
    assert 'text("select name from users")' in (project / "bad.py").read_text()

    for name in ("sqla-lint", "sqla-lint-fix"):
        clean = hook(name, project, env, "--all-files")
        assert clean.returncode == 0, clean.stdout + clean.stderr


def test_only_what_is_committed_is_linted(project: Path, env: dict[str, str]) -> None:
    told = hook("sqla-lint", project, env, "--files", "good.py")
    assert told.returncode == 0, told.stdout + told.stderr
