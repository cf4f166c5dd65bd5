"""Lay out the files of a new rule: ``python tests/new_rule.py SAL529 some-name expressions``.

Writes the rule, its fixture folder and its line in the changelog, each with what is still to be
said, and refuses what exists. `CONTRIBUTING.md` tells what to do next.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
RULES = ROOT / "src" / "sqla_lint" / "rules"

RULE = '''\
"""{code}: TODO what is wrong, in a few words."""

from __future__ import annotations

from collections.abc import Iterator

from sqla_lint.rule import Call, Report, Severity, calls, kinds, rule


@rule(
    "{code}",
    "{name}",
    group="preview",
    severity=Severity.WARNING,
    on=calls("execute", receivers=(kinds.SESSION, kinds.CONNECTION)),
)
def {function}(call: Call) -> Iterator[Report]:
    """TODO one sentence.

    ## What it does
    TODO what is reported, and in which case it is not.

    ## Why is this bad?
    TODO what really happens: the exception, or the silent effect.

    ## Example
    ```python
    TODO
    ```

    ## Use instead
    ```python
    TODO
    ```

    ## Fix safety
    No fix: TODO why.

    ## Versions
    1.4, 2.0 and 2.1.

    ## Limits
    TODO what is not seen.

    ## References
    SQLAlchemy docs, "TODO".
    """
    yield Report(call.at, "TODO what happens at run time, with the user's own names in backticks")
'''
# The line `# run:` sets the settings of a fixture; a rule starts in preview.
PROGRAM = '"""TODO {what}."""\n\n# run: preview\n'
PROOF = '''\
"""TODO what really happens, in a sentence."""

from proofs.stage import case

KIND = "error"  # or rows, held, queries, equivalence
SETUP = ()


@case()
def shows_the_harm(program, db):
    return None  # TODO what the bad program did, or None
'''


def lay_out(code: str, name: str, family: str, root: Path = ROOT) -> list[Path]:
    """Write the files; the paths written. Raises ValueError for what cannot be laid out."""
    rules = root / "src" / "sqla_lint" / "rules"
    families = sorted(path.parent.name for path in rules.glob("*/__init__.py"))
    if not re.fullmatch(r"SAL\d{3}", code):
        raise ValueError(f"{code} is not SAL and three digits")
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", name):
        raise ValueError(f"{name} is not two or more lower-case words with dashes")
    if family not in families:
        raise ValueError(f"{family} is none of {', '.join(families)}")
    taken = list(rules.glob(f"*/{code.lower()}_*.py"))
    if taken:
        raise ValueError(f"{code} is taken by {taken[0].name}")
    function = name.replace("-", "_")
    fixture = root / "fixtures" / f"{code}-{name}"
    files = {
        rules / family / f"{code.lower()}_{function}.py": RULE.format(
            code=code, name=name, function=function
        ),
        fixture / "bad.py": PROGRAM.format(
            what=f"programs with the mistake; mark it # expect: {code}"
        ),
        fixture / "good.py": PROGRAM.format(what="near misses; say of each why it is fine"),
        fixture / "corrected.py": PROGRAM.format(what="bad.py as it should be"),
        fixture / "proof.py": PROOF,
    }
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    changelog = root / "CHANGELOG.md"
    changelog.write_text(_with_line(changelog.read_text(encoding="utf-8"), code, name), "utf-8")
    return [*files, changelog]


def _with_line(changelog: str, code: str, name: str) -> str:
    """The changelog with the rule among those in preview, in order."""
    lines = changelog.split("\n")
    start = next(i for i, line in enumerate(lines) if line.startswith("New rules in preview"))
    at = start + 2
    while at < len(lines) and lines[at].startswith("- SAL") and lines[at][2:8] < code:
        at += 1
    lines.insert(at, f"- {code} {name}")
    return "\n".join(lines)


if __name__ == "__main__":
    try:
        for written in lay_out(*sys.argv[1:4]):
            print(written.relative_to(ROOT))
    except (TypeError, ValueError) as error:
        sys.exit(f"{error}\n{__doc__}")
