"""Which other files of its project a module imports, found on disk: for a file linted alone."""

from __future__ import annotations

from pathlib import Path

from sqla_lint.ir import Module
from sqla_lint.project.index import imported_names

# How far above the outermost package a root is looked for: `src/` beside `tests/` is one up.
LEVELS_UP = 2


def imported_files(module: Module) -> list[str]:
    """The files that the imports of ``module`` name, as far as they exist below its roots."""
    found: dict[str, None] = {}
    roots = _roots(Path(module.path))
    for dotted in sorted(imported_names(module)):
        for root in roots:
            file = _file(root, dotted)
            if file is not None:
                found[str(file)] = None
                break
    return list(found)


def _roots(path: Path) -> list[Path]:
    """Folders from which the module's absolute imports may start: the folder above its outermost
    package, ``src`` beside it, and a little above."""
    folder = path.parent
    while (folder / "__init__.py").exists() and folder.name.isidentifier():
        folder = folder.parent
    roots = [folder]
    above = folder
    for _ in range(LEVELS_UP):
        above = above.parent
        roots += [above, above / "src"]
    return [root for root in roots if root.is_dir()]


def _file(root: Path, dotted: str) -> Path | None:
    target = root.joinpath(*dotted.split("."))
    for file in (target.with_suffix(".py"), target / "__init__.py"):
        try:
            if file.is_file():
                return file
        except OSError:  # a name no file system would take
            return None
    return None
