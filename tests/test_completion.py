"""Completion: what bash, zsh and fish are told, and bash itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

BASH = shutil.which("bash")
COMMAND = "from sqla_lint.start import main; main()"


def told(shell: str, *words: str) -> str:
    """What a shell gets when the last word is to be completed."""
    line = ["sqla-lint", *words]
    told_words = {
        "bash": {"COMP_WORDS": " ".join(line), "COMP_CWORD": str(len(words))},
        "zsh": {"COMP_WORDS": " ".join(line), "COMP_CWORD": str(len(words))},
        "fish": {"COMP_WORDS": " ".join(line[:-1]), "COMP_CWORD": words[-1]},
    }[shell]
    done = subprocess.run(
        [sys.executable, "-c", COMMAND],
        env={**os.environ, **told_words, "_SQLA_LINT_COMPLETE": f"{shell}_complete"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_options_of_the_command_that_need_not_be_named(shell: str) -> None:
    assert "--fix" in told(shell, "--fi")
    assert "--statistics" in told(shell, "src", "--sta")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_commands_paths_and_values(shell: str) -> None:
    said = told(shell, "ru")
    assert "rule" in said
    assert "file" in said  # and files that begin so
    assert "github" in told(shell, "--output-format", "gi")
    assert "SAL101" in told(shell, "--select", "SAL10")
    assert "SAL201,connection-not-closed" in told(shell, "--select", "SAL201,connection-not")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_for_the_shell(shell: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", COMMAND],
        env={**os.environ, "_SQLA_LINT_COMPLETE": f"{shell}_source"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert f"_SQLA_LINT_COMPLETE={shell}_complete" in done.stdout
    if program := shutil.which(shell):
        subprocess.run([program, "-n"], input=done.stdout, text=True, check=True)


@pytest.mark.skipif(BASH is None, reason="no bash")
def test_bash_completes(tmp_path: Path) -> None:
    assert BASH is not None
    command = tmp_path / "sqla-lint"
    command.write_text(f"#!/bin/sh\nexec {sys.executable} -c '{COMMAND}' \"$@\"\n")
    command.chmod(0o755)
    script = (
        'eval "$(_SQLA_LINT_COMPLETE=bash_source sqla-lint)"\n'
        "COMP_WORDS=(sqla-lint --out)\nCOMP_CWORD=1\n"
        '_sqla_lint_completion sqla-lint\necho "${COMPREPLY[@]}"\n'
    )
    done = subprocess.run(
        [BASH, "-c", script],
        env={**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.split() == ["--output-format", "--output-file"], done.stderr
