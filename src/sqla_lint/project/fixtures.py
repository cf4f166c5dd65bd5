"""pytest hands fixtures to parameters by their names: which function makes one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sqla_lint.catalog import kinds
from sqla_lint.project.index import Index

if TYPE_CHECKING:
    from sqla_lint.project.knowledge import Knowledge

_MARKS = frozenset(
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


def is_fixture(knowledge: Knowledge, label: str) -> bool:
    """Decorated as a fixture, with or without arguments."""
    return any(
        decorator.label.removesuffix("()") in _MARKS
        for decorator in knowledge.decorators.get(label, ())
    )


def fixture(knowledge: Knowledge, module: str, name: str) -> str | None:
    """The label of the fixture that a test in ``module`` gets as parameter ``name``.

    Source: pytest documentation, "Fixtures reference": fixture availability. A fixture of the same
    name in the module comes before those of the ``conftest`` files around it, nearest first.
    """
    found = knowledge.index.modules.get(module)
    for place in (module, *_around(knowledge, found.path if found is not None else "")):
        kind = knowledge.globals.get(place, {}).get(name)
        if kind is not None and kind.name == kinds.FUNCTION and is_fixture(knowledge, kind.label):
            return kind.label
    return None


def _around(knowledge: Knowledge, path: str) -> list[str]:
    found = []
    folder = os.path.dirname(path)
    while True:
        if folder in knowledge.conftests:
            found.append(knowledge.conftests[folder])
        above = os.path.dirname(folder)
        if above == folder or not knowledge.conftests:
            return found
        folder = above
