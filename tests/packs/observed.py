"""What happened when the applications ran: ``python tests/packs/observed.py [APPLICATION...]``.

It is written down with the versions it was seen on, so that what the linter says can be held
against it where the frameworks are not installed.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
OBSERVED = HERE / "observed.json"
APPS = sorted((HERE / "running").glob("*.py"))
SECONDS = 120

# The classes that the kinds of the linter stand for; "!" marks those of asyncio.
CLASSES = {
    "sqlalchemy.orm.session.Session": "SESSION",
    "sqlalchemy.ext.asyncio.session.AsyncSession": "SESSION!",
    "sqlalchemy.orm.scoping.scoped_session": "SCOPED_SESSION",
    "sqlalchemy.ext.asyncio.scoping.async_scoped_session": "SCOPED_SESSION!",
    "sqlalchemy.engine.base.Connection": "CONNECTION",
    "sqlalchemy.ext.asyncio.engine.AsyncConnection": "CONNECTION!",
    "sqlalchemy.engine.base.Engine": "ENGINE",
    "sqlalchemy.ext.asyncio.engine.AsyncEngine": "ENGINE!",
}


def _one(seen: dict[str, Any]) -> dict[str, Any] | None:
    """A receiver: its kind, who closed it, and what it was told when it was made."""
    kinds = [CLASSES[name] for name in seen["classes"] if name in CLASSES]
    if not kinds:
        return None
    told = sorted(trait for trait, is_so in seen["made"].items() if is_so)
    return {"is": kinds[0], "closed by": sorted(set(seen["closed by"])), "made": told}


def _objects(receivers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for one in map(_one, receivers):
        if one is not None and one not in found:
            found.append(one)
    return found


def played(app: Path) -> dict[str, Any]:
    """What happens: the versions, the rows that were in the database in the end, who was who."""
    from packs.frameworks import environment_of
    from proofs.environments import ensure

    answer = subprocess.run(
        [ensure(environment_of(app.stem)), HERE / "player.py", app],
        capture_output=True,
        timeout=SECONDS,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr[-3000:]
    told = json.loads(answer.stdout.splitlines()[-1])
    seen = {line: _objects(ones) for line, ones in sorted(told["seen"].items())}
    return {"on": told["on"], "rows": told["rows"], "seen": seen}


def observed() -> dict[str, dict[str, Any]]:
    """What happened, by application."""
    found: dict[str, dict[str, Any]] = json.loads(OBSERVED.read_text(encoding="utf-8"))
    return found


def main() -> None:
    """Write it down."""
    names = sys.argv[1:] or [app.stem for app in APPS]
    told = observed() if sys.argv[1:] else {}
    for app in APPS:
        if app.stem in names:
            told[app.stem] = played(app)
    OBSERVED.write_text(json.dumps(dict(sorted(told.items())), indent=1) + "\n", encoding="utf-8")
    print(f"{len(told)} applications")


if __name__ == "__main__":
    sys.path[:0] = [str(HERE.parent), str(HERE.parent.parent / "src")]
    main()
