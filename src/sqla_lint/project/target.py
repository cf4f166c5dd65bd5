"""Which SQLAlchemy a project is written for, read from its lock and requirement files."""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from sqla_lint.project import conda
from sqla_lint.witness import look, look_for

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Version = tuple[int, int]

# Newest first; a range means the newest of these that it admits. 2.1 counts only where a project
# names it (a lock, or a lower bound): an open `sqlalchemy>=1.4` was written before it came.
SHIPPED: tuple[Version, ...] = ((2, 1), (2, 0), (1, 4))
DEFAULT: Version = (2, 0)

# A folder is asked this many levels above the linted file at the most.
LEVELS_UP = 12

# A release of each shipped version that stands for it in a range: the first that matters (a pin
# such as `>=2.0.38` admits later ones of the same series) and the last there can be.
_RELEASES: dict[Version, tuple[str, ...]] = {
    (2, 1): ("2.1.0", "2.1.999"),
    (2, 0): ("2.0.0", "2.0.999"),
    (1, 4): ("1.4.0", "1.4.999"),
}

# What a project that does not name SQLAlchemy itself says of it by another library.
# The first release for SQLAlchemy 2.0, releases that stand for what came after it, and what a newer
# one says; an older one is for 1.4.
# Source: SQLModel release notes, 0.0.12; Flask-SQLAlchemy changes, 3.0.
_HINTS: dict[str, tuple[str, tuple[str, ...], Version | None]] = {
    "sqlmodel": ("0.0.12", ("0.0.12", "0.0.999"), (2, 0)),
    "flask-sqlalchemy": ("3.0.0", ("3.0.0", "3.0.999", "3.1.999"), None),
}


class Target(NamedTuple):
    """The version, and where that was read: a file and what it says, or "default"."""

    version: Version
    source: str


def find_target(path: Path) -> Target:
    """The SQLAlchemy version that the project of a file or folder targets.

    The nearest folder upwards that says anything decides, lock files before requirement files. What
    is installed beside the linter is not asked: findings must not depend on the machine.
    """
    folder = path if path.is_dir() else path.parent
    folder = folder.absolute()
    for place in [folder, *folder.parents][:LEVELS_UP]:
        found = _in_folder(place)
        if found is not None:
            return found
        look(place / ".git")
        if (place / ".git").exists():
            break
    return Target(DEFAULT, "default")


@lru_cache(maxsize=1024)
def _in_folder(folder: Path) -> Target | None:
    look_for(folder, _NAMES)
    try:
        names = sorted(entry.name for entry in folder.iterdir() if entry.is_file())
        folders = sorted(entry.name for entry in folder.iterdir() if entry.is_dir())
    except OSError:
        return None
    files = [folder / name for name in names]
    files += [folder / n / "METADATA" for n in folders if n.endswith(".dist-info")]
    if "requirements" in folders:
        look(folder / "requirements")
        files += sorted((folder / "requirements").glob("*.txt"))
    for pattern, read in _READERS:
        for file in files:
            if pattern.fullmatch(file.name):
                target = _read(file, read)
                if target is not None:
                    return target
    return None


def _read(file: Path, read: Callable[[str], Iterator[str]]) -> Target | None:
    """The target a file names; None for what cannot be read: it is not ours to judge."""
    look(file)
    try:
        requirements = list(read(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, SyntaxError, RecursionError, MemoryError):
        return None
    for text in requirements:
        name, specifier = _split(text)
        if name == "sqlalchemy":
            return Target(_admitted(specifier), f"{file.name} ({text.strip()[:60]})")
    for text in requirements:
        name, specifier = _split(text)
        hinted = _hinted(name, specifier) if name in _HINTS else None
        if hinted is not None:
            return Target(hinted, f"{file.name} ({text.strip()[:60]})")
    return None


_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9._-]+)\s*(?:\[[^\]]*\])?\s*\(?\s*([^;#)]*)")


_ADDRESS = re.compile(r"@ .*?-(\d[\w.]*?)(\.tar\.gz|\.zip|-[^/]*\.whl)")


def _split(requirement: str) -> tuple[str, str]:
    """Name and specifier of ``SQLAlchemy[asyncio]>=1.4,<2 ; extra == "x"``."""
    found = _REQUIREMENT.match(_ADDRESS.sub(r"== \1", requirement))
    if found is None:
        return "", ""
    return re.sub(r"[-_.]+", "-", found[1]).lower(), found[2].strip()


def _admitted(specifier: str) -> Version:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        allowed = SpecifierSet(_from_poetry(specifier))
    except InvalidSpecifier:
        return DEFAULT
    for version in SHIPPED:
        if version == (2, 1) and "2.1" not in specifier:
            continue
        if version == (2, 1) and re.search(r"<\s*2\.1", specifier):
            continue
        # a pinned release is in the series it begins with
        if any(allowed.contains(release) for release in _RELEASES[version]) or re.search(
            rf"==\s*{version[0]}\.{version[1]}(\.|$)", specifier
        ):
            return version
    return (1, 4) if not any(allowed.contains(r) for r in _RELEASES[2, 0]) else DEFAULT


def _hinted(name: str, specifier: str) -> Version | None:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import Version as Release

    first, later, newer = _HINTS[name]
    pin = re.fullmatch(r"={2,3}\s*(\d+(?:\.\d+)*)", specifier)
    if pin:
        return newer if Release(pin[1]) >= Release(first) else (1, 4)
    try:
        allowed = SpecifierSet(_from_poetry(specifier))
    except InvalidSpecifier:
        return newer
    return newer if any(allowed.contains(release) for release in later) else (1, 4)


def _from_poetry(specifier: str) -> str:
    """Poetry's ``^1.4`` and ``~1.4`` as ranges; a bare version is a pin."""
    specifier = specifier.strip()
    if specifier in ("", "*"):
        return ""
    caret = re.fullmatch(r"\^\s*(\d+)(\.\d+)*", specifier)
    if caret:
        return f">={specifier[1:].strip()},<{int(caret[1]) + 1}"
    tilde = re.fullmatch(r"~\s*(\d+)\.(\d+)(\.\d+)*", specifier)
    if tilde:
        return f">={specifier[1:].strip()},<{tilde[1]}.{int(tilde[2]) + 1}"
    if re.fullmatch(r"\d+(\.\d+)*(\.\*)?", specifier):
        return f"=={specifier}"
    return specifier


# --- readers: the requirements a file names, as text ---------------------------------------------


def _locked(text: str) -> Iterator[str]:
    data = tomllib.loads(text)
    for key in ("package", "packages"):
        for package in _list(data.get(key)):
            if isinstance(package, dict):
                yield f"{package.get('name', '')}=={package.get('version', '')}"


def _pipfile_lock(text: str) -> Iterator[str]:
    data = json.loads(text)
    for section in ("default", "develop"):
        packages = data.get(section, {}) if isinstance(data, dict) else {}
        for name, package in packages.items() if isinstance(packages, dict) else ():
            if isinstance(package, dict):
                yield f"{name}{package.get('version', '')}"


def _pyproject(text: str) -> Iterator[str]:
    data = tomllib.loads(text)
    project = _dict(data.get("project"))
    yield from _texts(project.get("dependencies"))
    tools = {name: _dict(tool) for name, tool in _dict(data.get("tool")).items()}
    poetry = tools.get("poetry", {})
    tables = [poetry.get("dependencies"), poetry.get("dev-dependencies")]
    tables += conda.pixi(tools.get("pixi", {}))
    tables += [_dict(g).get("dependencies") for g in _dict(poetry.get("group")).values()]
    for table in tables:
        yield from _table(table)
    groups = [
        *_dict(project.get("optional-dependencies")).values(),
        *_dict(data.get("dependency-groups")).values(),
        *_dict(tools.get("pdm", {}).get("dev-dependencies")).values(),
        tools.get("uv", {}).get("dev-dependencies"),
        _dict(tools.get("flit", {}).get("metadata")).get("requires"),
    ]
    hatch = _dict(tools.get("hatch", {}).get("envs"))
    groups += [_dict(one).get("dependencies") for one in hatch.values()]
    for group in groups:
        yield from _texts(group)


def _pipfile(text: str) -> Iterator[str]:
    data = tomllib.loads(text)
    for section in ("packages", "dev-packages"):
        yield from _table(data.get(section))


def _table(table: object) -> Iterator[str]:
    for name, wanted in _dict(table).items():
        if isinstance(wanted, dict):
            wanted = wanted.get("version", "")
        if isinstance(wanted, str):
            yield f"{name} {_from_poetry(wanted)}"


def _setup_py(text: str) -> Iterator[str]:
    """Literal strings anywhere in it: read, never run."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 200:
            yield node.value


def _lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if not line.lstrip().startswith(("#", "-")):
            yield line.split(" --")[0].rstrip(" \t\\")  # `x==1 \` and its hashes below


def _setup_cfg(text: str) -> Iterator[str]:
    for line in _lines(text):
        yield line
        yield re.sub(r"^\s*[\w.-]+\s*=(?!=)\s*", "", line)  # `install_requires = sqlalchemy<2`


def _metadata(text: str) -> Iterator[str]:
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key.lower() == "requires-dist":
            yield value


def _pixi(text: str) -> Iterator[str]:
    for table in conda.pixi(tomllib.loads(text)):
        yield from _table(table)


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _texts(value: object) -> list[str]:
    return [text for text in _list(value) if isinstance(text, str)]


_READERS: tuple[tuple[re.Pattern[str], Callable[[str], Iterator[str]]], ...] = tuple(
    (re.compile(pattern), read)
    for pattern, read in (
        (r"(uv|poetry|pdm)\.lock|pylock(\..+)?\.toml", _locked),
        (r"pixi\.lock|conda-lock\.ya?ml", conda.locked),
        (r"Pipfile\.lock", _pipfile_lock),
        (r"pyproject\.toml", _pyproject),
        (r"setup\.cfg", _setup_cfg),
        (r"setup\.py", _setup_py),
        (r"(.*[-_.])?requirements?([-_.].*)?\.(txt|in)|base\.txt|prod(uction)?\.txt", _lines),
        (r"constraints.*\.txt", _lines),
        (r"Pipfile", _pipfile),
        (r"pixi\.toml", _pixi),
        (r"(environment|conda)([-_.].*)?\.ya?ml", conda.environment),
        (r"PKG-INFO|METADATA", _metadata),
    )
)
# The names in a folder that decide.
_NAMES = "|".join((*(pattern.pattern for pattern, _ in _READERS), "requirements", r".*\.dist-info"))
