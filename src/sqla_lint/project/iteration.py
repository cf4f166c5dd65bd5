"""What Python's own functions over collections give: `sorted(users)` is a list of users."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqla_lint.catalog import kinds
from sqla_lint.ir import Op
from sqla_lint.project.kind import UNKNOWN, Kind, join

_SAME = frozenset(
    f"builtins.{name}" for name in ("list", "sorted", "reversed", "iter", "set", "frozenset")
) | {"builtins.tuple"}
_ONE = frozenset({"builtins.next", "builtins.min", "builtins.max"})
# What a generator lends is closed by the generator: for whoever takes it, it is managed.
_LENT = frozenset({kinds.SESSION, kinds.CONNECTION})

# The methods of generators that do what these functions do.
TAKES = {"__anext__": "builtins.anext", "__next__": "builtins.next"}
_OF_BLOCKS = frozenset({"begin", "commits"})

_ITERABLE = frozenset(
    {kinds.QUERY, kinds.SCALARS, kinds.RESULT, kinds.COLLECTION, kinds.LIST, kinds.SET}
    | {kinds.GENERATOR, kinds.TUPLE}
)


def given_by(label: str, args: Sequence[Kind], element: Callable[[Kind], Kind]) -> Kind | None:
    """The value of a call of a builtin; None for one that is not about elements.

    ``element`` gives what iterating over a kind yields.
    """
    if not args or args[0].name not in _ITERABLE:
        if label == "builtins.filter" and len(args) > 1:
            return Kind(kinds.COLLECTION, of=(element(args[1]),))
        if label == "builtins.zip" and any(one.name in _ITERABLE for one in args):
            return Kind(kinds.COLLECTION, of=(Kind(kinds.TUPLE, of=tuple(map(element, args))),))
        return None
    if label in _SAME:
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
