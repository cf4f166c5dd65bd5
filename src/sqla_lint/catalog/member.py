"""One member of a kind, or one function: what a call gives and what it does."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple


class Member(NamedTuple):
    """What a call, or for a property the access, gives and does.

    ``returns`` is a kind, "Self" for the kind of the receiver, "NONE", or "" for unknown. Of a
    coroutine it is the kind after ``await``, as it is of anything ``awaitable``.
    """

    returns: str = ""
    coroutine: bool = False  # ``async def``: nothing happens until it is awaited
    property: bool = False
    generative: bool = False  # returns a changed copy; the receiver is unchanged
    enters: str = ""  # the kind `with`/`async with` over the value binds; "" for no context manager
    effects: tuple[str, ...] = ()  # events on the receiver; the vocabulary is in `effects`
    raises: str = ""  # "db", "flush" or "lookup"; see `effects`
    deprecated: str = ""  # the version that deprecated it
    is_async: bool = False  # what comes back is the asyncio twin of its kind
    of: str = ""  # the kind of the elements of a LIST, TUPLE, SET, GENERATOR; of a DICT's values
    optional: bool = False  # or None
    awaitable: bool = False  # `await` gives ``returns``: coroutines and AsyncEngine.connect()


_FLAGS: tuple[tuple[str, str], ...] = (
    ("c", "coroutine"),
    ("p", "property"),
    ("g", "generative"),
    ("a", "is_async"),
    ("o", "optional"),
    ("w", "awaitable"),
)


def encode(member: Member) -> str:
    """A member as one short string, for the data files."""
    values = member._asdict()
    flags = "".join(letter for letter, name in _FLAGS if values[name])
    parts = (
        member.returns,
        flags,
        member.enters,
        " ".join(member.effects),
        member.raises,
        member.deprecated,
        member.of,
    )
    return "|".join(parts).rstrip("|")


@cache
def decode(text: str) -> Member:
    """The opposite of `encode`. Few distinct strings exist: they are shared."""
    returns, flags, enters, effects, raises, deprecated, of = (text.split("|") + [""] * 7)[:7]
    return Member(
        returns=returns,
        coroutine="c" in flags,
        property="p" in flags,
        generative="g" in flags,
        enters=enters,
        effects=tuple(effects.split()),
        raises=raises,
        deprecated=deprecated,
        is_async="a" in flags,
        of=of,
        optional="o" in flags,
        awaitable="w" in flags,
    )
