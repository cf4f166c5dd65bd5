"""Where a statement comes from: the calls that built it, on all ways that lead to it."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator

from sqla_lint.ir import Op
from sqla_lint.project.definitions import Position
from sqla_lint.project.frames import Spot
from sqla_lint.project.texts import Reader

LINKS = 40  # calls in a chain, over all its branches
HELPERS = 2  # that return what helpers have built


def backward(
    known: Reader, there: Spot, of: Container[str], goes_on: Callable[[Spot, Op], bool]
) -> Iterator[Spot]:
    """The methods of statements of these kinds that gave what ``there`` holds, the last first, also
    in functions that return it; what was before one of them only where ``goes_on`` says so."""
    waiting = [there]
    seen: set[tuple[str, Position]] = set()
    while waiting and len(seen) < LINKS:
        for made in known.origins.makers(waiting.pop()):
            op = made.frame.op(made.at)
            if op.do != "call" or (made.frame.label, made.at) in seen:
                continue
            seen.add((made.frame.label, made.at))
            on = made.frame.on(made.at) if op.on is not None else None
            if on is not None and on.kind.name in of and op.name is not None:
                yield made
                if goes_on(made, op):
                    waiting.append(on)
                continue
            callee = known.frames.callee(made.frame, made.at)
            if callee is None or callee.depth > HELPERS or known.origins.is_wrapped(callee.label):
                continue
            waiting += callee.returned()
