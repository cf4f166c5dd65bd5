"""Counts false alarms and misses of several linters on the same programs; see the README."""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sidebyside import linters
from sidebyside.programs import Program, programs

DEFAULT = Path(__file__).parent / "programs"
# A linter may point at another line of the same statement than the one that is marked.
NEAR = 3


@dataclass
class Score:
    """What a linter made of the programs; names of programs, for the list."""

    found: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)  # a finding, but far from the mistake
    missed: list[str] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)


def score(all_programs: Sequence[Program], places: Sequence[linters.Place]) -> Score:
    """Bad programs by whether a finding is at the mistake, good ones by whether there is any."""
    counted = Score()
    for program in all_programs:
        files = {file.resolve() for file in program.files}
        here = [place for place in places if place.file in files]
        marked = [(file.resolve(), line) for file, line in program.marked]
        name = f"{program.code}/{program.path.name}"
        if not program.is_bad:
            rules = ", ".join(sorted({place.rule for place in here}))
            (counted.alarms if here else counted.silent).append(f"{name} {rules}".strip())
        elif any(
            place.file == file and place.first - NEAR <= line <= place.last + NEAR
            for place in here
            for file, line in marked
        ):
            counted.found.append(name)
        else:
            (counted.elsewhere if here else counted.missed).append(name)
    return counted


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sidebyside", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=DEFAULT)
    parser.add_argument("--peers", type=Path, help="the environment of bandit, ruff and skylos")
    parser.add_argument("--semgrep", type=Path, help="the environment of semgrep")
    parser.add_argument("--rules", type=Path, help="a folder of rules for semgrep")
    parser.add_argument("--list", action="store_true", help="name the programs, too")
    parser.add_argument("--only", default="", help="codes, with commas: programs of these only")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:  # a program is no test, wherever it is kept
        copied = Path(folder, "programs").resolve()
        shutil.copytree(given.folder, copied)
        _compare(copied, given)


def _compare(folder: Path, given: argparse.Namespace) -> None:
    only = tuple(given.only.split(","))
    every = [program for program in programs(folder) if program.code.startswith(only)]
    tools: dict[str, linters.Linter] = {
        "sqla-lint": linters.ours(everything=False),
        "sqla-lint, preview and pedantic": linters.ours(everything=True),
    }
    if given.peers is not None:
        tools["bandit B608"] = linters.bandit(given.peers / "bin")
        tools["ruff S608, E711, E712"] = linters.ruff(given.peers / "bin")
        tools["skylos, SQL rules"] = linters.skylos(given.peers / "bin")
    if given.semgrep is not None and given.rules is not None:
        tools["semgrep, its SQLAlchemy rules"] = linters.semgrep(given.semgrep / "bin", given.rules)
    bad = sum(program.is_bad for program in every)
    print(f"{bad} bad programs, {len(every) - bad} good ones\n")
    print("| | found | finding elsewhere | missed | false alarms |")
    print("| --- | --- | --- | --- | --- |")
    for name, run in tools.items():
        counted = score(every, list(run(folder, every)))
        row = (counted.found, counted.elsewhere, counted.missed, counted.alarms)
        print(f"| {name} | {' | '.join(str(len(part)) for part in row)} |", flush=True)
        for label in ("missed", "elsewhere", "alarms") if given.list else ():
            for program in getattr(counted, label):
                print(f"    {label}: {program}")


main()
