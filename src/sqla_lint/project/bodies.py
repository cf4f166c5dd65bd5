"""Bodies of functions that have nothing of a database, put away as bytes while nobody reads them.

In a large program most of what was lowered is read when it is linked and hardly again. A function
that rules look at, or that the flow analysis follows, is opened for good: what they remember of it
are its very operations.
"""

from __future__ import annotations

import pickle
import zlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from sys import intern
from typing import overload

from sqla_lint.ir import Arg, Block, Function, Module, Op

# Bodies that stay open after they were read: those of a module are read one after the other,
# several times.
KEPT_OPEN = 500


class Shelf:
    """Where bodies are put away, and which of them were read last."""

    def __init__(self) -> None:
        self._open: deque[PutAway] = deque()

    def put_all(self, module: Module) -> None:
        """Put away all that was lowered of a module."""
        for function in module.functions.values():
            self.put(function)

    def put(self, function: Function) -> None:
        """Put one body away."""
        if not isinstance(function.blocks, PutAway):
            function.blocks = PutAway(function.blocks, self)

    def opened(self, body: PutAway) -> None:
        """A body was read; the one that was read before many others is closed."""
        self._open.append(body)
        if len(self._open) > KEPT_OPEN:
            self._open.popleft().close()


class PutAway(Sequence[Block]):
    """The blocks of a function, which are unpacked when they are looked at."""

    __slots__ = ("_blocks", "_packed", "_shelf")

    def __init__(self, blocks: Sequence[Block], shelf: Shelf) -> None:
        self._packed = zlib.compress(pickle.dumps(blocks, 5), 1)
        self._shelf = shelf
        self._blocks: list[Block] | None = None

    def open(self) -> list[Block]:
        """The blocks themselves."""
        blocks = self._blocks
        if blocks is None:
            blocks = self._blocks = pickle.loads(zlib.decompress(self._packed))  # our own bytes
            self._shelf.opened(self)
        return blocks

    def close(self) -> None:
        """Keep the bytes only."""
        self._blocks = None

    def may_hold(self, words: Iterable[bytes]) -> bool:
        """Whether one of these words is anywhere in its bytes: what is pickled is spelled there."""
        packed = zlib.decompress(self._packed)
        return any(word in packed for word in words)

    def __len__(self) -> int:
        return len(self.open())

    def __iter__(self) -> Iterator[Block]:
        return iter(self.open())

    @overload
    def __getitem__(self, index: int) -> Block: ...
    @overload
    def __getitem__(self, index: slice) -> list[Block]: ...
    def __getitem__(self, index: int | slice) -> Block | list[Block]:
        return self.open()[index]


def is_put_away(function: Function) -> bool:
    """Its operations are others each time they are read."""
    return isinstance(function.blocks, PutAway)


def may_say(function: Function, *words: str) -> bool:
    """Whether a body may hold one of these words, as a name or in a text. Of one that is put away
    that is told without unpacking it; of others it is for whoever asks to look."""
    blocks = function.blocks
    return not isinstance(blocks, PutAway) or blocks.may_hold([word.encode() for word in words])


def opened(function: Function) -> Function:
    """The function, open for good: somebody is going to remember its operations."""
    if isinstance(function.blocks, PutAway):
        blocks = function.blocks.open()
        for block in blocks:
            block.ops = [_sharing(op) for op in block.ops]
        function.blocks = blocks
    return function


def _sharing(op: Op) -> Op:
    """An operation with the names that all others use, too: what was unpacked has its own."""
    do, at, dst, on, name, args, raises, discarded, ann = op
    return Op(
        intern(do),  # type: ignore[arg-type]
        at,
        None if dst is None else intern(dst),
        intern(on) if isinstance(on, str) else on,
        None if name is None else intern(name),
        tuple([_sharing_arg(arg) for arg in args]) if args else (),
        raises,
        discarded,
        ann,
    )


def _sharing_arg(arg: Arg) -> Arg:
    value, at, keyword, star = arg
    return Arg(
        intern(value) if isinstance(value, str) else value,
        at,
        None if keyword is None else intern(keyword),
        star,
    )
