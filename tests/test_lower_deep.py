"""Work on deep trees gets a stack and settings, and leaves none behind."""

from __future__ import annotations

import gc
import sys
import threading

import pytest

from sqla_lint.syntax.deep import deeply


def _depth(levels: int) -> int:
    return 0 if levels == 0 else 1 + _depth(levels - 1)


def test_recursion_goes_deep() -> None:
    assert deeply(lambda: _depth(50_000)) == 50_000


def test_settings_are_as_before() -> None:
    before = sys.getrecursionlimit(), threading.stack_size(), gc.isenabled()
    deeply(lambda: None)
    with pytest.raises(ZeroDivisionError):
        deeply(lambda: 1 / 0)
    assert (sys.getrecursionlimit(), threading.stack_size(), gc.isenabled()) == before


def test_work_inside_of_work_stays_in_its_thread() -> None:
    assert deeply(lambda: deeply(threading.get_ident) == threading.get_ident())


def test_threads_may_work_side_by_side() -> None:
    results: list[int] = []
    threads = [
        threading.Thread(target=lambda: results.append(deeply(lambda: _depth(20_000))))
        for _ in range(4)
    ]
    before = sys.getrecursionlimit()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [20_000] * 4
    assert sys.getrecursionlimit() == before
