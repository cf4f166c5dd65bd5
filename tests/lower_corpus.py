"""Lowers all of the open corpus and the standard library: a job of its own, minutes long.

    SQLA_LINT_CORPUS=DIR python -m pytest -s tests/lower_corpus.py

`SQLA_LINT_CORPUS` is the directory that the corpus is unpacked in; without it the test fails.
`SQLA_LINT_PART=1/4` takes every fourth file, beginning with the first.
"""

from __future__ import annotations

import os
import sys
import sysconfig
import time
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from graph_checks import check_module
from sqla_lint.layout import count_lines
from sqla_lint.syntax import ParseFailure
from sqla_lint.syntax.deep import deeply
from sqla_lint.syntax.lower import lower_tree
from sqla_lint.syntax.parse import parse

# What is broken on purpose: files that test the parser, Python 2, templates.
BROKEN_AT_MOST = 100


def _corpus() -> Path:
    folder = os.environ.get("SQLA_LINT_CORPUS")
    assert folder, "SQLA_LINT_CORPUS does not say where the corpus is"
    assert Path(folder).is_dir(), f"no corpus at {folder}"
    return Path(folder)


def _standard_library() -> Path:
    return Path(sysconfig.get_path("stdlib"))


def _files(folder: Path) -> Iterator[Path]:
    part, _, count = os.environ.get("SQLA_LINT_PART", "1/1").partition("/")
    files = sorted(
        path
        for path in folder.rglob("*.py")
        if path.is_file() and "site-packages" not in path.parts
    )
    assert files, f"no Python files in {folder}"
    yield from files[int(part) - 1 :: int(count)]


class Times:
    lines = 0
    parse = 0.0
    lower = 0.0

    def __str__(self) -> str:
        thousands = self.lines / 1000
        return (
            f"{self.lines} lines; per 1,000 lines: parse {1000 * self.parse / thousands:.1f} ms, "
            f"lower {1000 * self.lower / thousands:.1f} ms"
        )


def _lower(path: Path, times: Times) -> None:
    source = path.read_bytes()
    start = time.process_time()
    tree = parse(source, str(path))
    parsed = time.process_time()
    module = lower_tree(tree, str(path), path.stem)
    lowered = time.process_time()
    times.lines += count_lines(source)
    times.parse += parsed - start
    times.lower += lowered - parsed
    check_module(module)


@pytest.mark.parametrize("folder", [_corpus, _standard_library], ids=["corpus", "stdlib"])
def test_no_file_crashes(folder: Callable[[], Path]) -> None:
    times = Times()
    broken: list[str] = []
    crashed: list[str] = []
    for path in _files(folder()):
        try:
            deeply(partial(_lower, path, times))
        except ParseFailure as failure:
            broken.append(str(failure))
        except Exception:
            crashed.append(f"{path}\n{traceback.format_exc(limit=-3)}")
    print(f"\n{times}; {len(broken)} files are not Python", file=sys.stderr)
    print("\n".join(broken), file=sys.stderr)
    assert not crashed, f"{len(crashed)} crashes\n" + "\n".join(crashed[:10])
    assert len(broken) <= BROKEN_AT_MOST
