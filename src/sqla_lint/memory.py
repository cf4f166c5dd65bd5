"""Gives memory back to the system that nothing lives in any more."""

from __future__ import annotations

import gc
import sys

# Trees of so many bytes of source (some 40,000 lines) leave enough behind to be worth a call.
TREES_FROM = 1_500_000

_trees = 0


def felled(size: int) -> None:
    """The trees of so many bytes of source are no longer needed."""
    global _trees
    _trees += size
    if _trees >= TREES_FROM:
        _trees = 0
        give_back()


def give_back() -> None:
    """Trees are made on threads of their own, and the C library keeps what these had for later
    ones: of a file of 900 kB that is 280 MB, of which a module of 2 MB is left."""
    if sys.platform != "linux":
        return
    try:
        import ctypes  # not worth its time in a small run

        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, ImportError, OSError):
        pass  # not every C library has that


def collect() -> None:
    """The same for what is held by cycles only, while the cyclic collector rests."""
    gc.collect()
    give_back()
