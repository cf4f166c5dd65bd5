"""Gives memory back to the system that nothing lives in any more."""

from __future__ import annotations

import gc
import sys


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
