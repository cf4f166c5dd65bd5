"""Write down what the proofs saw: ``python tests/outcomes.py [CODE...]`` after a proof has changed.

What is written is shown on the pages of the rules; a test holds it against the proofs.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "src")]

OUTCOMES = ROOT / "src" / "sqla_lint" / "rules" / "outcomes.json"
LONGEST = 160  # characters of what a proof saw; the rest of a long SQL error tells nothing
_ADDRESS = re.compile(r"0x[0-9a-f]+")

Seen = dict[str, dict[str, str]]  # rule → version → what the bad program did


def said(harm: object) -> str:
    """What a proof saw, on one line, without what changes from run to run."""
    text = " ".join(_ADDRESS.sub("0x…", harm if isinstance(harm, str) else repr(harm)).split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def seen(answers: Mapping[tuple[str, str, str, str], Mapping[str, Any]]) -> Seen:
    """For each rule and version what its first bad program did; cost of it, where advice pays."""
    found: Seen = {}
    for (version, fixture, _, program), row in answers.items():
        if not program.startswith("bad"):
            continue
        code = fixture.split("-")[0]
        what = f"costs {row['cost']}" if "cost" in row else said(row.get("harm") or "")
        if what and version not in found.setdefault(code, {}):
            found[code][version] = what
    return found


def main() -> None:
    from proofs.environments import ENVIRONMENTS, applicable
    from test_proofs import FOLDERS, run_proofs

    codes = tuple(sys.argv[1:])
    folders = [folder for folder in FOLDERS if not codes or folder.name.startswith(codes)]
    known: Seen = json.loads(OUTCOMES.read_text(encoding="utf-8")) if codes else {}
    every: Seen = {code: what for code, what in known.items() if code not in codes}
    for environment in ENVIRONMENTS:
        if applicable(environment):
            for code, versions in seen(run_proofs(environment, folders)).items():
                every.setdefault(code, {}).update(versions)
    text = json.dumps(dict(sorted(every.items())), indent=1, ensure_ascii=False, sort_keys=True)
    OUTCOMES.write_text(text + "\n", encoding="utf-8")
    print(f"{len(every)} rules")


if __name__ == "__main__":
    main()
