"""What the linter knows of mapped classes, beside what SQLAlchemy's mappers say of them.

    python -m tests.models_compare PYTHON FOLDER...

Each FOLDER holds the sources of a package that PYTHON, an interpreter of another environment, can
import in the same version. Compared are the mapped classes in modules that can be imported, and for
each the names of its columns, relationships and other mapped attributes.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

from sqla_lint.project.mapping import MAPPED_ROLES
from sqla_lint.run import understood
from sqla_lint.settings import Settings

# Roles of attributes that a mapper has; "opaque" ones may be anything.
MAPPED = MAPPED_ROLES - {"hybrid", "proxy"}
IMPORT_SECONDS = 300

# Run by the other interpreter: imports modules, and prints what is mapped by then.
ASK = """
import importlib, json, sys, warnings
warnings.simplefilter("ignore")
failed = {}
for name in json.loads(sys.argv[1]):
    try:
        importlib.import_module(name)
    except BaseException as error:
        failed[name] = f"{type(error).__name__}: {error}"[:200]
from sqlalchemy.orm import mapperlib
registries = mapperlib._mapper_registries if hasattr(mapperlib, "_mapper_registries") else {}
found = {}
for registry in list(registries):
    for mapper in list(registry.mappers):
        of = mapper.class_
        try:
            names = sorted(mapper.attrs.keys())
        except Exception as error:
            failed[of.__module__] = f"{type(error).__name__}: {error}"[:200]
            continue
        found[f"{of.__module__}:{of.__qualname__}"] = names
print(json.dumps({"failed": failed, "found": found}))
"""


class Compared(NamedTuple):
    """The mapped classes of a package."""

    classes: int  # in modules that could be imported
    missed: tuple[str, ...]  # mapped, and not known to be
    invented: tuple[str, ...]  # said to be mapped, and not mapped
    same: int  # with equal attributes
    vague: int  # differ, and the linter says that it does not know all
    different: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]  # too few, too many


def known(folder: Path) -> dict[str, tuple[set[str], set[str], bool]]:
    """Class → its mapped attributes, those that may be, and whether these are all."""
    models = understood([folder], Settings()).project.models
    found = {}
    for label, model in models.models.items():
        roles = {name: one.role for name, one in models.attributes(model).items()}
        sure = {name for name, role in roles.items() if role in MAPPED}
        maybe = {name for name, role in roles.items() if role == "opaque"}
        found[label] = sure, maybe, models.exhaustive(model)
    return found


def real(python: Path, modules: list[str], folder: Path) -> Any:
    """What the mappers say once the modules are imported."""
    answer = subprocess.run(
        [python, "-c", ASK, json.dumps(modules)],
        capture_output=True,
        text=True,
        timeout=IMPORT_SECONDS,
        cwd=folder.parent if (folder / "__init__.py").exists() else folder,
        check=True,
    )
    return json.loads(answer.stdout.splitlines()[-1])


def compare(python: Path, folder: Path) -> tuple[Compared, dict[str, str]]:
    """One package, and the modules that could not be imported."""
    ours = known(folder)
    told = real(python, sorted({label.partition(":")[0] for label in ours}), folder)
    failed, theirs = told["failed"], told["found"]
    packages = {label.partition(".")[0].partition(":")[0] for label in ours}
    imported = {label for label in ours if label.partition(":")[0] not in failed}
    here = {label for label in theirs if label.partition(".")[0].partition(":")[0] in packages}
    shared = set(ours) & here  # a module that fails half way has mapped some classes before
    same, vague, different = 0, 0, []
    for label in sorted(shared):
        sure, maybe, whole = ours[label]
        few = tuple(sorted(set(theirs[label]) - sure - maybe))
        many = tuple(sorted(sure - set(theirs[label])))
        if not few and not many:
            same += 1
        elif not whole and not many:
            vague += 1
        else:
            different.append((label, few, many))
    missed, invented = tuple(sorted(here - set(ours))), tuple(sorted(imported - here))
    return Compared(len(here), missed, invented, same, vague, tuple(different)), failed


def main() -> None:
    """Print a line per package, and every difference."""
    parser = argparse.ArgumentParser(prog="python -m tests.models_compare", description=__doc__)
    parser.add_argument("python", type=Path)
    parser.add_argument("folders", nargs="+", type=Path)
    wishes = parser.parse_args()
    for folder in wishes.folders:
        found, failed = compare(wishes.python, folder)
        print(
            f"{folder.name}: {found.classes} mapped, {len(found.missed)} missed, "
            f"{len(found.invented)} invented, {found.same} the same, {found.vague} vague, "
            f"{len(found.different)} different, {len(failed)} modules not imported"
        )
        for name in found.missed:
            print("  missed", name)
        for name in found.invented:
            print("  invented", name)
        for name, few, many in found.different:
            print("  differs", name, "too few:", *few, "too many:", *many)
        for name, why in failed.items():
            print("  not imported", name, why)


if __name__ == "__main__":
    main()
