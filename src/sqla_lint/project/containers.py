"""Lists, sets and dictionaries that begin empty: what the program puts into them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqla_lint.catalog import kinds
from sqla_lint.ir import Const, Operand
from sqla_lint.project import keyed
from sqla_lint.project.iteration import joined
from sqla_lint.project.kind import EMPTY, FILLED, UNKNOWN, Kind, entries, join
from sqla_lint.sqltext import HOLE

_MADE = {
    "builtins.dict": kinds.DICT,
    "builtins.list": kinds.LIST,
    "builtins.set": kinds.SET,
    "collections.OrderedDict": kinds.DICT,
    "collections.deque": kinds.LIST,
    "weakref.WeakKeyDictionary": kinds.DICT,
    "weakref.WeakSet": kinds.SET,
    "weakref.WeakValueDictionary": kinds.DICT,
}
_INNER = {"builtins.dict": kinds.DICT, "builtins.list": kinds.LIST, "builtins.set": kinds.SET}
CONTAINERS = frozenset({kinds.COLLECTION, kinds.DICT, kinds.LIST, kinds.SET})
ADDING = frozenset({"add", "append", "appendleft"})


def made_empty(label: str, args: Sequence[Kind], words: Collection[str]) -> Kind | None:
    """``dict()``, ``list()``, ``defaultdict(list)`` and the like; None for any other call."""
    if label == "collections.defaultdict" and len(args) == 1 and not words:
        inner = _INNER.get(args[0].label)
        empty = frozenset({EMPTY})
        return (
            None
            if inner is None
            else Kind(kinds.DICT, of=(Kind(inner, traits=empty),), traits=empty)
        )
    name = _MADE.get(label)
    return None if name is None or args or words else Kind(name, traits=frozenset({EMPTY}))


def filled(of: Kind, value: Kind, key: Operand | None = None) -> Kind | None:
    """A container after ``of[key] = value`` or ``of.append(value)``; None where nobody saw it
    empty: something else may be in it."""
    if of.name not in CONTAINERS:
        return None
    if of.label or (key is not None and EMPTY in of.traits):
        return _told_apart(of, value, key)
    if not of.traits & {EMPTY, FILLED}:
        return None
    inside = value if EMPTY in of.traits else join(of.of[0] if of.of else UNKNOWN, value)
    return Kind(of.name, of=(inside,), traits=frozenset({FILLED}))


def _told_apart(of: Kind, value: Kind, key: Operand | None) -> Kind | None:
    """The same where what is under each key is told apart."""
    text = None if key is None else keyed.key_of(key)
    known = entries(of)
    grows = bool(of.traits & {EMPTY, FILLED})
    if text is None:
        if not grows:
            return Kind(of.name)
        inside = joined((*known.values(), value))
        return Kind(of.name, of=(inside,), traits=frozenset({FILLED}))
    if text in known:
        value = join(known[text], value)
    return keyed.made(known | {text: value}, frozenset({FILLED} if grows else ()))


def named(key: Kind) -> Const:
    """A key by its kind, a text or not."""
    plain = key.name == kinds.STR and key.label and HOLE not in key.label
    return Const(key.label if plain else None)


def put(of: Kind, method: str | None, args: Sequence[Kind]) -> Kind | None:
    """A container after the call of a method that puts something into it."""
    if method == "setdefault" and of.name == kinds.DICT and len(args) > 1:
        return filled(of, args[1], named(args[0]))
    if method in ADDING and of.name != kinds.DICT and len(args) == 1:
        return filled(of, args[0])
    return None
