"""The real program on a real terminal: colours and a progress bar, and only there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from test_cli_bad_input import RAW, environment

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")


def on_terminal(folder: Path, *arguments: str, term: str = "xterm") -> tuple[bytes, str]:
    """What goes to standard output (a pipe) and to standard error (a terminal)."""
    import pty

    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "sqla_lint", *arguments],
        cwd=folder,
        env=environment() | {"TERM": term},
        stdout=subprocess.PIPE,
        stderr=theirs,
    )
    os.close(theirs)
    out, _ = process.communicate(timeout=60)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # Linux's word for the end
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    return out, shown.decode("utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "raw.py").write_bytes(RAW)
    return tmp_path


def test_a_bar_is_drawn_and_taken_away(project: Path) -> None:
    out, shown = on_terminal(project, "--output-format", "json", ".")
    assert out.startswith(b"[\n")
    assert "1/1 raw.py" in shown
    assert shown.endswith("\r\x1b[K")


@pytest.mark.parametrize("option", ["--no-progress", "--quiet"])
def test_a_bar_can_be_refused(project: Path, option: str) -> None:
    assert on_terminal(project, option, ".")[1] == ""


def test_a_dumb_terminal_gets_none(project: Path) -> None:
    assert on_terminal(project, ".", term="dumb")[1] == ""


def test_the_report_is_coloured_on_a_terminal_only(project: Path) -> None:
    import pty

    ours, theirs = pty.openpty()
    subprocess.run(
        [sys.executable, "-m", "sqla_lint", "."],
        cwd=project,
        env=environment() | {"TERM": "xterm"},
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )
    os.close(theirs)
    shown = os.read(ours, 4096)
    assert b"\x1b[1;31merror[SAL403 raw-string-statement]:\x1b[0m" in shown
    link = (project / "raw.py").as_uri().encode()
    assert b"\x1b]8;;" + link + b"\x1b\\raw.py:" in shown
    os.close(ours)
    assert b"\x1b" not in on_terminal(project, ".")[0]
    forced = on_terminal(project, "--color", "always", ".")[0]
    assert b"\x1b[1;31m" in forced
    assert b"\x1b]8;;" not in forced  # a file is no terminal
