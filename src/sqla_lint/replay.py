"""A run that only repeats the last one: when nothing it rests on has changed, what it said is said
again. Neither the rules nor a parser nor the command line's library are imported for that."""

from __future__ import annotations

import json
import os
import sys

from sqla_lint import witness
from sqla_lint.store import default_folder, digest, fingerprint, forget, read, write

# Runs that are remembered per project; the oldest are forgotten.
KEEP_RUNS = 50

# The options of `check` that only say what is found and how it is printed; whether they take a
# value. A run with any other is never repeated: it changes files, or rests on more than files.
OPTIONS = {
    "--color": True,
    "--config": True,
    "--exclude": True,
    "--exit-zero": False,
    "--extend-select": True,
    "--force-exclude": False,
    "--ignore": True,
    "--jobs": True,
    "--min-severity": True,
    "--no-config": False,
    "--no-progress": False,
    "--output-format": True,
    "--pedantic": False,
    "--preview": False,
    "--quiet": False,
    "--select": True,
    "--show-unresolved": False,
    "--statistics": False,
    "--target-version": True,
    "-j": True,
    "-q": False,
}
# What else decides how a report looks.
_ENVIRONMENT = ("FORCE_COLOR", "NO_COLOR", "PYTHONIOENCODING", "PYTHONUTF8", "TERM")

_Said = tuple[int, str]  # 1 for the report, 2 for what is said beside it; a line


class Recording:
    """What a run says, kept for the next one."""

    def __init__(self, place: str) -> None:
        self._place = place
        self.said: list[_Said] = []
        self.lasting = False  # the trouble it had is all in the files: 2 is its code for good
        witness.begin()

    def keep(self, code: int) -> None:
        """Remember it, when all it rests on was watched and has not changed meanwhile."""
        looks = witness.end()
        folder = os.path.dirname(os.path.dirname(self._place))
        repeats = code in (0, 1) or (code == 2 and self.lasting)
        if looks is None or not repeats or not os.path.isdir(folder):
            return  # without the folder there is no cache
        record = {"looks": looks, "said": self.said, "code": code}
        if write(self._place, json.dumps(record).encode()):
            forget(os.path.dirname(self._place), KEEP_RUNS)


recording: Recording | None = None


def hear(stream: int, line: str) -> None:
    """A line is said on the report's stream (1) or beside it (2)."""
    if recording is not None:
        recording.said.append((stream, line))


def again(place: str) -> int | None:
    """Say what was said before; the exit code. None when something has changed."""
    payload = read(place)
    if payload is None:
        return None
    try:
        record = json.loads(payload)
        said = [(int(stream), str(line)) for stream, line in record["said"]]
        code = int(record["code"])
        for path, known in record["looks"].items():
            if not witness.unchanged(path, known):
                return None
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return None
    for number in (2, 1):
        lines = [line for stream, line in said if stream == number]
        if lines:
            _say(sys.stdout if number == 1 else sys.stderr, lines)
    return code


def _say(stream: object, lines: list[str]) -> None:
    from io import TextIOWrapper

    assert isinstance(stream, TextIOWrapper)
    try:
        stream.reconfigure(errors="backslashreplace")
        stream.write("".join(f"{line}\n" for line in lines))
        stream.flush()
    except BrokenPipeError:  # its reader has gone: Python would complain once more at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def place_of(arguments: list[str], commands: frozenset[str]) -> str | None:
    """Where the record of a run with these arguments is; None when it is not to be repeated."""
    rest = arguments[1:] if arguments[:1] == ["check"] else arguments
    if rest is arguments and arguments[:1] and arguments[0] in commands:
        return None
    paths = _paths(rest)
    if paths is None or sys.platform == "win32":
        return None
    start = paths[0] if paths else "."
    folder = default_folder(start if os.path.isdir(start) else os.path.dirname(start) or ".")
    if folder is None:
        return None
    said = [*rest, os.getcwd(), *(os.environ.get(name, "-") for name in _ENVIRONMENT)]
    for stream in (sys.stdout, sys.stderr):
        if type(stream).__name__ != "TextIOWrapper":
            return None
        terminal = stream.isatty()
        said += [str(terminal), str(stream.encoding)]
        if terminal:
            said.append(os.environ.get("COLUMNS", ""))
            said.append(str(os.get_terminal_size(stream.fileno()).columns))
    name = digest("\0".join(said).encode("utf-8", "surrogateescape"))
    return os.path.join(folder, fingerprint(), "runs", name)


def _paths(arguments: list[str]) -> list[str] | None:
    """The paths among the arguments; None when an option is not one of `OPTIONS`."""
    paths: list[str] = []
    waiting = list(reversed(arguments))
    while waiting:
        word = waiting.pop()
        if word == "-" or word == "--":
            return None
        if not word.startswith("-"):
            paths.append(word)
            continue
        name, equals, _ = word.partition("=")
        takes = OPTIONS.get(name)
        if takes is None:
            return None
        if takes and not equals:
            if not waiting:
                return None
            waiting.pop()
    return paths
