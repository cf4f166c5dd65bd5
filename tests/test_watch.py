"""`--watch`, by the real program on real files."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

WAIT = 60  # seconds: a bound for a hanging program, not a measurement


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_change_is_linted_and_ctrl_c_ends_it(tmp_path: Path) -> None:
    file, report = tmp_path / "a.py", tmp_path / "report"
    file.write_text("import sqlalchemy\n")
    with report.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "sqla_lint", "check", "--watch", "."],
            cwd=tmp_path,
            stdout=out,
            stderr=subprocess.DEVNULL,
            # a shell's background jobs ignore it, and so would all that they start
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
        )
        try:
            until(lambda: "No findings in 1 file." in report.read_text())
            time.sleep(0.5)  # the watcher starts after the first report
            file.write_text(
                "from sqlalchemy import create_engine\n\n"
                'with create_engine("sqlite://").connect() as c:\n    c.execute("SELECT 1")\n'
            )
            until(lambda: "SAL403" in report.read_text())
            (tmp_path / "sqla-lint.toml").write_text('ignore = ["SAL403"]\n')
            until(lambda: report.read_text().count("No findings in 1 file.") == 2)
            process.send_signal(signal.SIGINT)
            assert process.wait(WAIT) == 130
        finally:
            process.kill()
            process.wait()


def until(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT
    while not happened():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.05)
