"""Runs work on deep trees where the stack is large enough.

libcst's parser recurses in native code (about 3 kB per level of nesting) and dies with the
process when the stack ends; its code generation and our lowering recurse in Python. Both get a
thread with a stack of their own. Starting it costs a tenth of a millisecond per file.
"""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

T = TypeVar("T")

# Enough for 80,000 levels of nesting in the parser; pages are only used when touched.
STACK_SIZES: Final = (256 * 2**20, 64 * 2**20, 16 * 2**20)
# Lowering takes up to four Python frames per level.
RECURSION_LIMIT: Final = 400_000

_local = threading.local()
_lock = threading.Lock()
_inside = 0
_normal_limit = 0
_collecting = False


@contextmanager
def _settings() -> Iterator[None]:
    """What is the process's and not the thread's: set by the first in, restored by the last out.

    The cyclic collector pauses: a tree has no cycles, and looking through its millions of nodes
    again and again takes longer than making them.
    """
    global _inside, _normal_limit, _collecting
    with _lock:
        if _inside == 0:
            _normal_limit = sys.getrecursionlimit()
            sys.setrecursionlimit(max(_normal_limit, RECURSION_LIMIT))
            _collecting = gc.isenabled()
            gc.disable()
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if _inside == 0:
                sys.setrecursionlimit(_normal_limit)
                if _collecting:
                    gc.enable()


def deeply(work: Callable[[], T]) -> T:
    """The result of ``work()``, or its exception, from a thread with a large stack."""
    if getattr(_local, "deep", False):
        return work()
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        _local.deep = True
        try:
            results.append(work())
        except BaseException as error:
            errors.append(error)

    with _settings():
        thread = _start(run)
        thread.join()
    if errors:
        try:
            raise errors[0]
        finally:
            errors.clear()
    return results[0]


def _start(run: Callable[[], None]) -> threading.Thread:
    """Tries smaller stacks where the machine refuses a large one."""
    for size in STACK_SIZES:
        with _lock:
            before = threading.stack_size(size)
            thread = threading.Thread(target=run, name="sqla-lint-deep", daemon=True)
            try:
                thread.start()
            except (RuntimeError, MemoryError):
                continue
            finally:
                threading.stack_size(before)
        return thread
    raise MemoryError("no memory for a stack")
