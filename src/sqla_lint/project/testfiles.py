"""Which files hold tests: by the user's patterns, else by names that test runners know."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

from sqla_lint.settings import matches

Patterns: TypeAlias = tuple[str, tuple[str, ...]]  # a folder, and what holds tests below it


@lru_cache(16384)  # each function of a file is asked several times
def is_test_file(path: str, told: tuple[Patterns, ...] = ()) -> bool:
    """Whether a file holds tests; of the patterns that are told the nearest folder's decide."""
    if told:
        whole = os.path.abspath(path)
        above = [one for one in told if whole.startswith(one[0].rstrip(os.sep) + os.sep)]
        if above:
            folder, patterns = max(above, key=lambda one: len(one[0]))
            return matches(Path(folder), patterns, whole)
    parts = path.replace("\\", "/").split("/")
    stem = parts[-1]
    return (
        stem.startswith("test_")
        or stem.endswith("_test.py")
        or stem in ("conftest.py", "tests.py")
        or "tests" in parts[:-1]
        or "test" in parts[:-1]
    )
