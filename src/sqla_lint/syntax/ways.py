"""Where does each way out of a place in the code lead?

A *frame* stands around the code being lowered: the function itself, a loop, the body of a ``try``
with handlers, a ``with``, a ``try`` with ``finally``. It answers for the ways out it changes and
passes the others on to the frame around it. A frame answers only when it is asked, so that a
``finally`` gets one copy of its body per way that is really taken.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from sqla_lint.ir import EXIT, RAISED

Way: TypeAlias = Literal["ret", "exc", "brk", "cont", "fall"]

ALL_WAYS: Final[frozenset[Way]] = frozenset({"ret", "exc", "brk", "cont", "fall"})
# The name of a way in a `leave` operation.
LEAVE_NAMES: Final[dict[Way, str]] = {
    "fall": "next",
    "exc": "exc",
    "ret": "return",
    "brk": "break",
    "cont": "continue",
}


@dataclass(slots=True, eq=False)
class Frame:
    """``known`` are the answers given so far, ``make`` builds those of the ways in ``makes``."""

    outer: Frame | None
    known: dict[Way, int] = field(default_factory=dict)
    makes: frozenset[Way] = frozenset()
    make: Callable[[Way], int] | None = None


def function_frame() -> Frame:
    # `break` outside of a loop is an error of compile(), not of the grammar: it ends the function.
    return Frame(None, {"ret": EXIT, "exc": RAISED, "brk": EXIT, "cont": EXIT, "fall": EXIT})


def lead(frame: Frame, way: Way) -> int:
    """The block to which ``way`` leads from inside of ``frame``."""
    at: Frame | None = frame
    while at is not None:
        if way in at.known:
            return at.known[way]
        if at.make is not None and way in at.makes:
            block = at.make(way)
            at.known[way] = block
            return block
        at = at.outer
    raise AssertionError(f"no frame answers {way}")
