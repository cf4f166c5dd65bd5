"""What files of conda and pixi require, as the texts of requirements."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

# `sqlalchemy-2.0.36-py312h66e93f0_0.conda`: name, version and build
_ARCHIVE = re.compile(r"/([A-Za-z0-9_.-]+?)-(\d[^-/]*)-[^-/]+\.(?:conda|tar\.bz2)\s*$")
_FIELD = re.compile(r"[\s-]*(name|version):\s*['\"]?([^\s'\"]+)")


def environment(text: str) -> Iterator[str]:
    """The lines of an environment file: ``- conda-forge::sqlalchemy=1.4``."""
    for line in text.splitlines():
        plain = line.strip().lstrip("- ").strip("'\"").rpartition("::")[2]
        yield re.sub(r"(?<![<>=!~])=(?!=)", "==", re.sub(r"^([\w.-]+) +(?=\d)", r"\1==", plain))


def locked(text: str) -> Iterator[str]:
    """A lock file in YAML: archives by their address, and names followed by versions."""
    name = ""
    for line in text.splitlines():
        archive = _ARCHIVE.search(line)
        if archive:
            yield f"{archive[1]}=={archive[2]}"
        field = _FIELD.match(line)
        if field and field[1] == "name":
            name = field[2]
        elif field and name:
            yield f"{name}=={field[2]}"
            name = ""


def pixi(data: Mapping[str, object]) -> Iterator[object]:
    """The tables of dependencies in a ``pixi.toml``, or in ``[tool.pixi]``."""
    features = data.get("feature")
    for part in (data, *(features.values() if isinstance(features, dict) else ())):
        if isinstance(part, dict):
            yield part.get("dependencies")
            yield part.get("pypi-dependencies")
