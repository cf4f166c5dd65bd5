"""Two halves of a piece of work at the same time: one of them in a child that is forked for it.

Both look at the same linked project, which is too large to be sent anywhere. A forked child has all
of it at once, and hands back what it found. Each of many programs is linted in a child, too: what
it leaves scattered about in a heap could not be given back to the system.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable
from typing import TypeVar

_A = TypeVar("_A")
_B = TypeVar("_B")

_DONE = b"done"  # ends what a child says: it may die while it speaks


def may_fork() -> bool:
    """Whether a child is as good as this process: no thread holds a lock that nobody would give
    back there, and the system's own libraries do not mind (those of macOS do)."""
    return (
        hasattr(os, "fork")
        and sys.platform != "darwin"
        and threading.active_count() == 1
        and threading.current_thread() is threading.main_thread()
    )


def both(first: Callable[[], _A], second: Callable[[], _B]) -> tuple[_A, _B]:
    """The results of ``first``, in this process, and of ``second``, in a child. What the child
    cannot tell, since it died or was never born, is worked out here."""
    reading, writing = os.pipe()
    try:
        child = os.fork()
    except OSError:  # no room for another process
        os.close(reading)
        os.close(writing)
        return first(), second()
    if child == 0:
        _speak(second, writing)
    os.close(writing)
    said = b""
    try:
        with os.fdopen(reading, "rb") as stream:
            result = first()
            said = stream.read()
    finally:
        if not said:  # interrupted, or it died
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    if said.endswith(_DONE):
        return result, pickle.loads(said[: -len(_DONE)])  # from our own child
    return result, second()


def elsewhere(work: Callable[[], _B]) -> _B:
    """The result of some work from a child, with which all ends that it needed of memory."""
    return both(lambda: None, work)[1]


def _speak(work: Callable[[], object], writing: int) -> None:
    """The life of the child. Ctrl-C is for its parent, which ends it; it never leaves by the ways
    of a process that has its own files and exit handlers."""
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        said = pickle.dumps(work(), 5) + _DONE
        with os.fdopen(writing, "wb") as stream:
            stream.write(said)
        code = 0
    finally:
        os._exit(code)
