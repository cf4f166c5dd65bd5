"""Dictionaries with something else under each key: ``{"session": session, "user": user}``.

The keys stand in the label of the kind, their values in `of`; without a label all values are alike.
The ``**keywords`` of a function hold what its callers pass by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqla_lint.catalog import kinds
from sqla_lint.ir import Const, Operand
from sqla_lint.project.kind import FOREIGN, KEYS, NAMESPACE, UNKNOWN, Kind, entries

# A dictionary of more values than this is a table of its own; which is which is not followed.
KEYS_LIMIT = 24
# Values for whose sake keys are told apart.
WORTH = frozenset(
    {
        kinds.CONNECTION,
        kinds.CONTEXT_MANAGER,
        kinds.CURSOR,
        kinds.ENGINE,
        kinds.FLASK_DB,
        kinds.FUNCTION,
        kinds.INSTANCE,
        kinds.RAW_CONNECTION,
        kinds.SCOPED_SESSION,
        kinds.SESSION,
        kinds.SESSION_FACTORY,
        kinds.TRANSACTION,
    }
)
# Options of engines and sessions that change what is said of them: `create_engine(**options)`.
_OPTIONS = frozenset({"autocommit", "autoflush", "expire_on_commit", "future", "isolation_level"})
_KEYWORDS_OF = "keywords of "
_BY_NAME = ">**"


def key_of(operand: Operand) -> str | None:
    """A key that is a plain text."""
    if isinstance(operand, Const) and isinstance(operand.value, str) and KEYS not in operand.value:
        return operand.value
    return None


def is_option(operand: Operand | None) -> bool:
    """A key that is an option of engines and sessions."""
    return operand is not None and key_of(operand) in _OPTIONS


def made(found: Mapping[str, Kind], traits: frozenset[str] = frozenset()) -> Kind:
    """A dictionary with these values."""
    if not found or len(found) > KEYS_LIMIT:
        return Kind(kinds.DICT)
    label = "".join([key + KEYS for key in found])
    return Kind(kinds.DICT, of=tuple(found.values()), label=label, traits=traits)


def displayed(pairs: Iterable[tuple[Operand, Kind]]) -> Kind | None:
    """A display of a dictionary, where its keys matter."""
    found: dict[str, Kind] = {}
    for operand, value in pairs:
        key = key_of(operand)
        if key is None:
            return None
        found[key] = value
    worth = any(kind.name in WORTH for kind in found.values()) or _OPTIONS & found.keys()
    return made(found) if worth else None


def under(of: Kind, key: Operand) -> Kind | None:
    """What a key leads to; None where the dictionary does not tell its keys apart."""
    known = entries(of)
    text = key_of(key)
    return known.get(text, UNKNOWN) if known and text is not None else None


def by_name(label: str) -> str:
    """Stands for the ``**keywords`` of a function: what is passed by names that no parameter
    has."""
    return label + _BY_NAME


def keywords(label: str) -> Kind:
    """What ``**keywords`` is in a function."""
    return Kind(kinds.DICT, traits=frozenset({_KEYWORDS_OF + label}))


def keywords_of(of: Kind) -> str | None:
    """The function whose keywords a dictionary holds."""
    for trait in of.traits:
        if trait.startswith(_KEYWORDS_OF):
            return trait[len(_KEYWORDS_OF) :]
    return None


_NAMED_TUPLE = "collections.namedtuple()"
_NAMESPACE = "types.SimpleNamespace"


def by_fields(callee: Kind, args: Sequence[Kind], words: Mapping[str, Kind]) -> Kind | None:
    """A call that makes something whose attributes have names: a named tuple, its class, a
    `SimpleNamespace`; None for any other call."""
    label = callee.label
    if label == _NAMESPACE and not args and "**" not in words:
        return _attributes(NAMESPACE, words)
    if label == _NAMED_TUPLE.removesuffix("()") and len(args) > 1:
        told = args[1]
        if told.name == kinds.STR:
            named = [Kind(kinds.STR, label=one) for one in told.label.replace(",", " ").split()]
        else:
            named = [one for one in told.of if one.name == kinds.STR]
        whole = named and (told.name == kinds.STR or len(named) == len(told.of))
        return Kind(FOREIGN, label=_NAMED_TUPLE, of=tuple(named)) if whole else None
    if label == _NAMED_TUPLE and callee.of and not words.keys() & {"*", "**"}:
        names = [one.label for one in callee.of]
        found = dict.fromkeys(names, UNKNOWN) | dict(zip(names, args, strict=False))
        return _attributes(kinds.TUPLE, found | {k: v for k, v in words.items() if k in found})
    return None


def _attributes(name: str, found: Mapping[str, Kind]) -> Kind | None:
    if len(found) > KEYS_LIMIT:
        return None
    return Kind(name, of=tuple(found.values()), label="".join([key + KEYS for key in found]))


def with_attribute(of: Kind, name: str, value: Kind) -> Kind:
    """A namespace after ``of.name = value``."""
    return _attributes(of.name, entries(of) | {name: value}) or UNKNOWN
