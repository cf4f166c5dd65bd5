"""What Python's own functions over collections give: `sorted(users)` is a list of users."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from sqla_lint.catalog import kinds
from sqla_lint.ir import Op
from sqla_lint.project.kind import UNKNOWN, Kind, join

# Builtins, by what they do with the elements of what they are given: these take all at once,
COLLECTORS = frozenset(
    f"builtins.{name}" for name in ("frozenset", "list", "set", "sorted", "tuple")
)
# and these, too, give each as it is.
SAME_ELEMENTS = COLLECTORS | {"builtins.iter", "builtins.reversed"}
_ONE = frozenset({"builtins.next", "builtins.min", "builtins.max"})
_APPLYING = frozenset({"builtins.map", "builtins.max", "builtins.min"})


class Walk(NamedTuple):
    """A callable that hands on what it goes over.

    ``gives``    the elements as they are; or collections, groups with their keys, pairs or tuples
                 of them; "inner" are the elements of the elements
    ``over``     the position of the first collection
    ``several``  the arguments behind it are collections, too
    ``more``     it may give more elements than the first has
    """

    gives: Literal["each", "inner", "collections", "groups", "pairs", "tuples"]
    over: int = 0
    several: bool = False
    more: bool = False


_EACH = Walk("each")
_BEHIND = Walk("each", over=1)
# Source: the docs of asyncio, concurrent.futures, itertools, more-itertools, tqdm, rich and
# alive-progress.
_WALKS: dict[str, Walk] = {
    "alive_progress.alive_it": _EACH,
    "asyncio.as_completed": _EACH,
    "concurrent.futures.as_completed": _EACH,
    "itertools.batched": Walk("collections"),
    "itertools.chain": Walk("each", several=True, more=True),
    "itertools.chain.from_iterable": Walk("inner", more=True),
    "itertools.compress": _EACH,
    "itertools.cycle": Walk("each", more=True),
    "itertools.dropwhile": _BEHIND,
    "itertools.filterfalse": _BEHIND,
    "itertools.groupby": Walk("groups"),
    "itertools.islice": _EACH,
    "itertools.pairwise": Walk("pairs"),
    "itertools.product": Walk("tuples", several=True, more=True),
    "itertools.takewhile": _BEHIND,
    "itertools.tee": Walk("collections"),
    "itertools.zip_longest": Walk("tuples", several=True, more=True),
    "more_itertools.batched": Walk("collections"),
    "more_itertools.chunked": Walk("collections"),
    "rich.progress.track": _EACH,
    "tqdm.asyncio.tqdm": _EACH,
    "tqdm.auto.tqdm": _EACH,
    "tqdm.notebook.tqdm": _EACH,
    "tqdm.std.tqdm": _EACH,
    "tqdm.tqdm": _EACH,
}
# They go over what they are given as they are gone over themselves, one element at a time.
ONE_BY_ONE = frozenset(_WALKS) | {
    f"builtins.{name}" for name in ("enumerate", "filter", "iter", "zip")
}
# Whatever hands on the elements of what it is given, as they are or with others.
_HANDING_ON = SAME_ELEMENTS | ONE_BY_ONE
# What a generator lends is closed by the generator: for whoever takes it, it is managed.
_LENT = frozenset({kinds.SESSION, kinds.CONNECTION})

# The methods of generators that do what these functions do.
TAKES = {"__anext__": "builtins.anext", "__next__": "builtins.next"}
_OF_BLOCKS = frozenset({"begin", "commits"})

_ITERABLE = frozenset(
    {kinds.QUERY, kinds.SCALARS, kinds.RESULT, kinds.COLLECTION, kinds.LIST, kinds.SET}
    | {kinds.GENERATOR, kinds.TUPLE}
)


def picks(label: str) -> bool:
    """A callable gives one of the elements of what it is given."""
    return label in _ONE


def hands_on(label: str) -> bool:
    """A callable gives the elements of what it is given, as they are or with others."""
    return label in _HANDING_ON


def applying(label: str) -> int | None:
    """A callable calls a function that it is given with each element, as this argument of it: a
    key, what filters, what a map is made with. None when it calls none so."""
    if label == "functools.reduce":
        return 1
    return 0 if label in _APPLYING or hands_on(label) else None


def bounding(label: str) -> int | None:
    """The position of the collection that has no fewer elements than a callable gives; None for one
    that is not about elements, or may give more."""
    walk = _WALKS.get(label)
    if walk is not None:
        return None if walk.more else walk.over
    if label == "builtins.filter":
        return 1
    return 0 if hands_on(label) else None


def given_by(label: str, args: Sequence[Kind], element: Callable[[Kind], Kind]) -> Kind | None:
    """The value of a call of a builtin; None for one that is not about elements.

    ``element`` gives what iterating over a kind yields.
    """
    walk = _WALKS.get(label)
    if walk is not None:
        return _handed_on(walk, [element(one) for one in args[walk.over :]], element)
    if not args or args[0].name not in _ITERABLE:
        if label == "builtins.filter" and len(args) > 1:
            return Kind(kinds.COLLECTION, of=(element(args[1]),))
        if label == "builtins.zip" and any(one.name in _ITERABLE for one in args):
            return Kind(kinds.COLLECTION, of=(Kind(kinds.TUPLE, of=tuple(map(element, args))),))
        return None
    if label in SAME_ELEMENTS:
        return Kind(kinds.COLLECTION, of=(element(args[0]),))
    if label == "builtins.enumerate":
        return Kind(kinds.COLLECTION, of=(Kind(kinds.TUPLE, of=(UNKNOWN, element(args[0]))),))
    if label == "builtins.zip":
        return Kind(kinds.COLLECTION, of=(Kind(kinds.TUPLE, of=tuple(map(element, args))),))
    if label in _ONE or label == "builtins.anext":
        found = element(args[0])
        if args[0].name == kinds.GENERATOR and found.name in _LENT:
            found = found._replace(owner="managed")
            return Kind(kinds.COROUTINE, True, (found,)) if label == "builtins.anext" else found
        return found if found.name == kinds.ENTITY else None
    return None


def _handed_on(walk: Walk, of: list[Kind], element: Callable[[Kind], Kind]) -> Kind | None:
    if not any(one.known for one in of):
        return None
    first = of[0]
    if walk.gives == "tuples":
        inside = Kind(kinds.TUPLE, of=tuple(of))
    elif walk.gives == "each" and walk.several:
        inside = joined(of)
    elif walk.gives == "inner":
        inside = element(first)
    elif walk.gives == "pairs":
        inside = Kind(kinds.TUPLE, of=(first, first))
    elif walk.gives == "collections":
        inside = Kind(kinds.COLLECTION, of=(first,))
    elif walk.gives == "groups":
        inside = Kind(kinds.TUPLE, of=(UNKNOWN, Kind(kinds.COLLECTION, of=(first,))))
    else:
        inside = first
    return Kind(kinds.COLLECTION, of=(inside,)) if inside.known else None


def takes_of_dropped(label: str, op: Op) -> bool:
    """``next(get_db())``: nobody keeps the generator that is asked."""
    if label not in TAKES.values() or not op.args or op.args[0].star or op.args[0].keyword:
        return False
    place = op.args[0].value
    return isinstance(place, str) and place.startswith("%")


def left_open(given: Kind, generator: Kind) -> Kind:
    """What a generator gave that is dropped at once: it has ended what it lent before anybody used
    that, so whoever has it now opens it again and must end it for himself."""
    if generator.name != kinds.GENERATOR or not generator.label or not generator.of:
        return given
    if given.name == kinds.COROUTINE and given.of:
        return given._replace(of=(left_open(given.of[0], generator),))
    if given.name not in _LENT or generator.of[0].owner not in ("local", "managed"):
        return given
    return given._replace(owner="local", traits=given.traits - _OF_BLOCKS)


def joined(found: Sequence[Kind]) -> Kind:
    """One kind for all elements of a display."""
    out = found[0]
    for kind in found[1:]:
        out = join(out, kind)
    return out
