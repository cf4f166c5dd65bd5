"""The outputs shown in README.md, from real runs.

``python tests/readme.py`` writes them anew. A block is marked with its command:

    <!-- output: sqla-lint docs/example -->
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
_BLOCK = re.compile(r"(<!-- output: sqla-lint (?P<arguments>[^\n]*) -->\n```\w*\n).*?(```\n)", re.S)


def output(arguments: str) -> str:
    """What the program says on standard output."""
    done = subprocess.run(
        [sys.executable, "-m", "sqla_lint", *shlex.split(arguments), "--color", "never"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout.rstrip("\n")


def renewed(text: str) -> str:
    """The text with its outputs as they are now."""
    return _BLOCK.sub(lambda block: block[1] + output(block["arguments"]) + "\n" + block[3], text)


if __name__ == "__main__":
    README.write_text(renewed(README.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
