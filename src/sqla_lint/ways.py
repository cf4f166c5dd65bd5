"""Where the ways through a function lead: the blocks behind others in its control-flow graph."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence

from sqla_lint.ir import ENTRY, EXIT, Block, Function


def behind(
    blocks: Sequence[Block],
    starts: Iterable[int],
    *,
    stop: Container[int] = (),
    cut: Container[tuple[int, int]] = (),
    swallowed: bool = False,
    caught: bool = False,
) -> set[int]:
    """The blocks that ways from some blocks come to, these and the ends of the function included.

    No way goes on from a block in ``stop``, which may be come to; none goes from one block to
    another that are a pair in ``cut``. ``swallowed``: a ``with`` may
    swallow what its block raised, which most do not. ``caught``: where except clauses are come to,
    they may take what was raised, too. What an operation raises goes no way of these: a way of an
    exception starts at the ``exc`` of its block.
    """
    seen = set(starts)
    waiting = list(seen)
    while waiting:
        number = waiting.pop()
        if number in stop:
            continue
        block = blocks[number]
        to = [edge.to for edge in block.edges if swallowed or edge.when != "swallow"]
        if caught:
            to += [handler.to for handler in block.handlers]
        to = [one for one in to if (number, one) not in cut] if cut else to
        waiting += [one for one in to if one not in seen]
        seen.update(to)
    return seen


def leads(
    function: Function,
    one: tuple[int, int],
    other: tuple[int, int],
    *,
    past: tuple[int, int] | None = None,
    swallowed: bool = False,
    caught: bool = False,
) -> bool:
    """A way leads from one operation to another, not through that at ``past``; each is told by its
    block and its number there. The others as for `behind`."""
    if one[0] == other[0] and one[1] < other[1]:
        return past is None or past[0] != one[0] or not one[1] < past[1] < other[1]
    if past is not None and one[0] == past[0] and one[1] < past[1]:
        return False
    starts = [edge.to for edge in function.blocks[one[0]].edges]
    stop = () if past is None else {past[0]}
    come = behind(function.blocks, starts, stop=stop, swallowed=swallowed, caught=caught)
    return other[0] in come and (past is None or other[0] != past[0] or other[1] < past[1])


def passes_by(
    function: Function, blocks: Container[int], cut: Container[tuple[int, int]] = ()
) -> bool:
    """The function can be left normally without going through any of these blocks, nor from one
    block to another that are a pair in ``cut``."""
    return EXIT in behind(function.blocks, [ENTRY], stop=blocks, cut=cut)


def only_through(function: Function, at: int, ways: Container[tuple[int, int]]) -> bool:
    """A block is come to by these ways, from block to block, and by no others."""
    blocks, seen, waiting = function.blocks, {ENTRY}, [ENTRY]
    while waiting:
        number = waiting.pop()
        block = blocks[number]
        to = [edge.to for edge in block.edges] + [handler.to for handler in block.handlers]
        if any(op.raises for op in block.ops):
            to.append(block.exc)
        for one in to:
            if one not in seen and (number, one) not in ways:
                seen.add(one)
                waiting.append(one)
    return at not in seen
