"""Where the tests find each other, the package and the fixtures."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

for place in (ROOT / "tests", ROOT / "src"):
    if str(place) not in sys.path:
        sys.path.insert(0, str(place))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--corpus", help="a folder of packages: also run the tests on real code")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The tests on real code are not asked for without the option; with it they must run."""
    if config.getoption("--corpus") is None:
        left_out = [item for item in items if item.get_closest_marker("corpus")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
