"""Count and draw: ``python -m tests.resolution [--draw N] [--answer unknown] FOLDER...``."""

from __future__ import annotations

import argparse
import csv
import pickle
import random
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from tests.resolution.receivers import STRONG, Receiver, linked, lowered, receivers

from sqla_lint.ir import Module
from sqla_lint.syntax import locate

# Of a sample, the part drawn from calls that other objects than databases have, too.
WEAK_SHARE = 0.25


def main() -> None:
    """Print a table per code base; with ``--draw``, a sample as CSV."""
    parser = argparse.ArgumentParser(prog="python -m tests.resolution", description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--draw", type=int, default=0, metavar="N", help="receivers per code base")
    parser.add_argument("--answer", choices=["unknown", "db", "other", "any"], default="any")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a folder for lowered modules, to be read again")
    wishes = parser.parse_args()
    out = csv.writer(sys.stdout, lineterminator="\n")
    for folder in wishes.folders:
        found = list(receivers(linked(folder, _modules(folder, wishes.keep))))
        _count(folder, found)
        wanted = [r for r in found if wishes.answer in ("any", r.answer)]
        for one in drawn(wanted, wishes.draw, wishes.seed):
            path = Path(one.path)
            span = locate(path.read_bytes(), {one.at})[one.at]
            kind = one.kind.name if one.kind.known else one.reason
            out.writerow([path.as_posix(), span.line, one.place, one.method, one.answer, kind])


def drawn(found: list[Receiver], number: int, seed: int) -> Iterable[Receiver]:
    """A random sample: the same one for the same receivers and seed."""
    dice = random.Random(seed)
    strong = [r for r in found if r.method in STRONG]
    weak = [r for r in found if r.method not in STRONG]
    few = min(len(weak), round(number * WEAK_SHARE))
    yield from dice.sample(strong, min(len(strong), number - few))
    yield from dice.sample(weak, few)


def _count(folder: Path, found: list[Receiver]) -> None:
    for name, part in (
        ("strong", [r for r in found if r.method in STRONG]),
        ("weak", [r for r in found if r.method not in STRONG]),
    ):
        answers = Counter(r.answer for r in part)
        reasons = Counter(r.reason for r in part if r.reason)
        numbers = " ".join(f"{a} {answers[a]:>5}" for a in ("db", "other", "unknown"))
        why = "; ".join(f"{n} {reason}" for reason, n in reasons.most_common())
        print(f"{folder.name:34} {name:6} {numbers}   {why}", file=sys.stderr)


def _modules(folder: Path, keep: Path | None) -> list[Module]:
    if keep is None:
        return lowered(folder)
    file = keep / f"{folder.name}.pickle"
    if not file.exists():
        keep.mkdir(parents=True, exist_ok=True)
        file.write_bytes(pickle.dumps(lowered(folder)))
    modules: list[Module] = pickle.loads(file.read_bytes())
    return modules


if __name__ == "__main__":
    main()
