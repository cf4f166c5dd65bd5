"""Which modules there are, and what a dotted name means among them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from sqla_lint.ir import Const, Module
from sqla_lint.project.bodies import may_say
from sqla_lint.project.facts import Facts
from sqla_lint.witness import look

# Nobody's own modules are imported by these names: a folder or file that is called so is part of
# a package around it, also where that has no ``__init__.py``.
_LIBRARIES = frozenset({"alembic", "flask_sqlalchemy", "sqlalchemy", "sqlmodel"})


def module_name(path: Path) -> tuple[str, bool]:
    """The dotted name of a file and whether it is a package's ``__init__``.

    The name starts at the outermost folder that has an ``__init__.py``; a ``src`` layout and a
    script beside its modules both come out right that way. A folder without ``__init__.py`` (a
    namespace package) is reached by `Index.resolve` through the folders of the modules in it.
    What would have the name of a library begins further out: ``zope/sqlalchemy``.
    """
    return Names().of(str(path))


class Names:
    """The names of many files: each folder is looked at once."""

    def __init__(self) -> None:
        self._packages: dict[str, tuple[str, ...]] = {}

    def of(self, path: str) -> tuple[str, bool]:
        """As `module_name`."""
        stem = os.path.splitext(os.path.basename(path))[0]
        is_package = stem == "__init__"
        folder = os.path.dirname(os.path.abspath(path))
        parts = self._package(folder) if is_package else (*self._package(folder), stem)
        if parts and parts[0] in _LIBRARIES:
            for _ in parts if is_package else parts[1:]:
                folder = os.path.dirname(folder)
            parts = (*_further_out(folder, parts[0]), *parts)
        return ".".join(parts) or stem, is_package

    def _package(self, folder: str) -> tuple[str, ...]:
        known = self._packages.get(folder)
        if known is None:
            above, name = os.path.split(folder)
            inside = name.isidentifier() and has_init(Path(folder))
            known = self._packages[folder] = (*self._package(above), name) if inside else ()
        return known


def _further_out(folder: str, first: str) -> tuple[str, ...]:
    """The names of the folders that a package is in, as many as make it no library's."""
    names: list[str] = []
    while first in _LIBRARIES and os.path.dirname(folder) != folder:
        folder, last = os.path.split(folder)
        first = _NO_NAME.sub("_", last)
        names.insert(0, first)
    return tuple(names)


_NO_NAME = re.compile(r"\W")


def has_init(folder: Path) -> bool:
    """Whether a folder has an ``__init__.py``."""
    marker = folder / "__init__.py"
    look(marker)
    return marker.exists()


def absolute(module: Module, dotted: str) -> str:
    """``..a.b`` as written in ``module``, without its dots."""
    return anchored(dotted, module.name.split("@")[0], module.is_package)


def anchored(dotted: str, name: str, is_package: bool) -> str:
    """``..a.b`` as written in the module called ``name``, without its dots."""
    if not dotted.startswith("."):
        return dotted
    rest = dotted.lstrip(".")
    up = len(dotted) - len(rest)
    parts = name.split(".")
    keep = len(parts) - up + (1 if is_package else 0)
    base = parts[: max(keep, 0)]
    return ".".join([*base, rest] if rest else base)


def within(dotted: str, name: str) -> str:
    """A name of a module; of the folder of a module that is in no package, a module beside it."""
    return f"{dotted}.{name}" if dotted else name


def imported_names(module: Module, around: str = "", until: int = -1) -> set[str]:
    """The dotted names a module imports, wherever in it: of `from a import b` both ``a`` and
    ``a.b``, since ``b`` may be a module. Of the function ``around``, and of those defined in it,
    only what stands before ``until``."""
    names: set[str] = set()
    for function in module.functions.values():
        if not may_say(function, "import"):
            continue
        inside = around and (function.qualname + ".").startswith(around + ".")
        for block in function.blocks:
            for op in block.ops:
                if inside and op.at > until:
                    continue
                if op.do == "import" and op.name is not None:
                    dotted = absolute(module, op.name)
                    names.add(dotted)
                    if op.args and isinstance(op.args[0].value, Const):
                        names.add(within(dotted, str(op.args[0].value.value)))
    return names


class Index:
    """The modules of a run by dotted name. Names are unique: a repeated one gets ``@n``."""

    def __init__(self, modules: Iterable[Module]) -> None:
        self.modules: dict[str, Module] = {}
        self._alike: dict[str, list[Module]] = {}
        for module in modules:
            plain = module.name
            alike = self._alike.setdefault(plain, [])
            if alike:
                module.name = f"{plain}@{len(alike)}"
            alike.append(module)
            self.modules[module.name] = module
        # packages by name, also those whose `__init__.py` is empty and none of the modules
        self.packages = frozenset(
            prefix for name in self.modules for prefix in _prefixes(name.split("@")[0])
        )
        self._folders: dict[str, list[Module]] = {}
        self._stems: dict[str, str] = {}
        self._tails: dict[str, list[str]] = {}  # the names of what `_by_folders` has found
        self._nearest: dict[tuple[str, str], Module] = {}  # of several that are called the same
        self.facts = Facts()
        for module in self.modules.values():
            self._stems[module.path] = os.sep + _stem(module.path)
            last = _last(module.path)
            if last:
                self._folders.setdefault(last, []).append(module)

    def replace(self, module: Module) -> None:
        """Other contents for the module of the same name; the first ones for one not read yet."""
        old = self.modules.get(module.name)
        self.modules[module.name] = module
        self._nearest.clear()
        if old is None or old.path != module.path:
            self._tails.clear()
            self.facts.forget()
        if old is None:
            self._alike.setdefault(module.name, []).append(module)
            return
        called = self._alike.get(module.name.split("@")[0], []), self._alike.get(module.name, [])
        for alike in (*called, self._folders.get(_last(old.path), [])):
            alike[:] = [module if one is old else one for one in alike]

    def find(self, dotted: str, asked_from: Module) -> Module | None:
        """The module called ``dotted`` as seen from another; the nearest one when several are."""
        alike = self._alike.get(dotted)
        if not alike:
            alike = self._by_folders(dotted)
        if not alike:
            return None
        if len(alike) == 1:
            return alike[0]
        near = self._nearest.get((dotted, asked_from.path))
        if near is None:
            one = max(alike, key=lambda m: _shared(m.path, asked_from.path))
            near = self._nearest[dotted, asked_from.path] = one
        return near

    def _by_folders(self, dotted: str) -> list[Module]:
        """Modules whose path ends in the folders of a dotted name: namespace packages and roots
        that are not named by an ``__init__.py``. Asked only for names of two parts or more."""
        known = self._tails.get(dotted)
        if known is not None:
            return [self.modules[name] for name in known] if known else _NONE
        parts = dotted.split(".")
        if len(parts) < 2 or parts[0] in _LIBRARIES:
            return []
        tail = os.sep + os.sep.join(parts)
        found = [m for m in self._folders.get(parts[-1], ()) if self._stems[m.path].endswith(tail)]
        self._tails[dotted] = [module.name for module in found]
        return found

    def resolve(self, dotted: str, asked_from: Module) -> tuple[Module, tuple[str, ...]] | None:
        """The module a dotted name begins with, and the names that follow it."""
        parts = dotted.split(".")
        for cut in range(len(parts), 0, -1):
            found = self.find(".".join(parts[:cut]), asked_from)
            if found is not None:
                return found, tuple(parts[cut:])
        return None


_NONE: list[Module] = []


def _stem(path: str) -> str:
    """The path of a file, or of the folder that it is the package of, without a suffix."""
    stem = os.path.splitext(path)[0]
    return stem.removesuffix(os.sep + "__init__")


def _last(path: str) -> str:
    """The last part of a module's path; "" for a package that is where the run is."""
    last = os.path.basename(_stem(path))
    return "" if last == "__init__" else last


def _prefixes(dotted: str) -> list[str]:
    parts = dotted.split(".")
    return [".".join(parts[:cut]) for cut in range(1, len(parts))]


def _shared(a: str, b: str) -> int:
    """How many characters two paths begin with alike."""
    same = 0
    for one, other in zip(a, b, strict=False):
        if one != other:
            break
        same += 1
    return same
