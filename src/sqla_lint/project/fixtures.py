"""pytest hands fixtures to parameters by their names: which function makes one."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from sqla_lint.catalog import kinds
from sqla_lint.ir import Module
from sqla_lint.project.index import Index
from sqla_lint.project.kind import UNKNOWN, Kind

if TYPE_CHECKING:
    from sqla_lint.project.knowledge import Knowledge

MARKS = frozenset(
    {"pytest.fixture", "pytest.yield_fixture", "pytest_asyncio.fixture"}
    | {"_pytest.fixtures.fixture"}
)


def conftests(index: Index) -> dict[str, str]:
    """The ``conftest`` modules by folder."""
    return {
        os.path.dirname(module.path): name
        for name, module in index.modules.items()
        if os.path.basename(module.path) == "conftest.py"
    }


def called_as(label: str, decorators: Iterable[Kind]) -> str | None:
    """The name of the fixture that a function is; None where it is none. Without a ``name=`` that
    is the function's."""
    for decorator in decorators:
        if decorator.label.removesuffix("()") in MARKS:
            given = decorator.of[0].label if decorator.of else ""
            return given or label.rpartition(":")[2]
    return None


def fixture(knowledge: Knowledge, module: str, name: str) -> str | None:
    """The label of the fixture that a test in ``module`` gets as parameter ``name``.

    Source: pytest documentation, "Fixtures reference": fixture availability. A fixture of the same
    name in the module comes before those of the ``conftest`` files around it, nearest first, and
    these before those of plugins.
    """
    found = knowledge.index.modules.get(module)
    outer = around(knowledge, found.path if found is not None else "")
    for place in (module, *outer):
        label = _in(knowledge, place, name)
        if label is not None:
            return label
    if name not in knowledge.fixtures:
        return None
    named = [plugin for place in outer for plugin in _plugins(knowledge, place)]
    for place in named:
        label = _in(knowledge, place, name)
        if label is not None:
            return label
    return _of_a_plugin(knowledge, name)


def _in(knowledge: Knowledge, place: str, name: str) -> str | None:
    """The fixture of that name in a module."""
    own = knowledge.fixtures.get(name, {}).get(place)
    if own is not None:
        return own
    kind = knowledge.globals.get(place, {}).get(name)
    if kind is None or kind.name != kinds.FUNCTION:
        return None
    known = called_as(kind.label, knowledge.decorators.get(kind.label, ()))
    return kind.label if known == kind.label.rpartition(":")[2] else None


def _plugins(knowledge: Knowledge, conftest: str) -> list[str]:
    """The modules that a ``conftest`` names as plugins: ``pytest_plugins = ["tests.db"]``."""
    listed = knowledge.globals.get(conftest, {}).get("pytest_plugins", UNKNOWN)
    texts = listed.of if listed.name in (kinds.LIST, kinds.TUPLE) else (listed,)
    return [one.label for one in texts if one.name == kinds.STR]


def _of_a_plugin(knowledge: Knowledge, name: str) -> str | None:
    """The only fixture of that name that a module may have which is neither a test nor a
    ``conftest``: an entry point or an option names it as a plugin, which are not read."""
    labels = [
        label
        for module, label in knowledge.fixtures.get(name, {}).items()
        if label in knowledge.functions and _may_be_plugin(knowledge, module)
    ]
    return labels[0] if len(labels) == 1 else None


def _may_be_plugin(knowledge: Knowledge, name: str) -> bool:
    module = knowledge.index.modules.get(name)
    if module is not None and module.is_package:
        return True
    return not _STANDS_ALONE.search(name.rpartition(".")[2])


# Modules whose fixtures only they, or the tests around them, have.
_STANDS_ALONE = re.compile(r"^(conftest|tests?|test_.*|.*_tests?)$")


def asks_of(knowledge: Knowledge, module: Module) -> list[str]:
    """The ``conftest`` modules whose fixtures a module of tests may get."""
    base = os.path.basename(module.path)
    tests = base == "conftest.py" or any(
        qualname.rpartition(".")[2].startswith("test") for qualname in module.functions
    )
    found = around(knowledge, module.path) if tests and knowledge.conftests else []
    return [name for name in found if name != module.name]


def around(knowledge: Knowledge, path: str) -> list[str]:
    """The ``conftest`` modules of the folders that a file lies in, nearest first."""
    found = []
    folder = os.path.dirname(path)
    while True:
        if folder in knowledge.conftests:
            found.append(knowledge.conftests[folder])
        above = os.path.dirname(folder)
        if above == folder or not knowledge.conftests:
            return found
        folder = above
