"""The entry point of the installed commands: repeats the last run, or starts the command line."""

from __future__ import annotations

import gc
import sys
from typing import NoReturn

from sqla_lint import replay
from sqla_lint.version import __version__

# As `cli.COMMANDS`, which is not imported for a run that is only repeated.
COMMANDS = frozenset({"check", "doctor", "rule", "server", "why"})

# What goes on after a run.
_LASTING = frozenset({"server", "--watch"})


def main() -> NoReturn:
    """Run the command line on the arguments of the process."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        print(f"sqla-lint {__version__}")
        sys.exit(0)
    place = replay.place_of(sys.argv[1:], COMMANDS)
    if place is not None:
        code = replay.again(place)
        if code is not None:
            sys.exit(code)
        replay.recording = replay.Recording(place)
    if _LASTING.isdisjoint(sys.argv):
        gc.disable()  # the process ends with the run: there is nothing to collect
    from sqla_lint.cli import invoke

    code = invoke()
    if replay.recording is not None:
        replay.recording.keep(code)
    sys.exit(code)
