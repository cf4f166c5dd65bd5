"""What the type variables of a call stand for: `ensure(User, 1)` of a `type[M]` gives a user."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sqla_lint.catalog import kinds
from sqla_lint.ir import Ann, Param
from sqla_lint.project.kind import UNKNOWN, Kind
from sqla_lint.project.variables import is_variable

_CLASSES = frozenset({kinds.CLASS, kinds.MAPPED_CLASS})
_POSITIONAL = frozenset({"positional", "normal"})


def handed_types(
    params: Sequence[Param], args: Sequence[Kind], words: Mapping[str, Kind]
) -> dict[str, Kind]:
    """The class, or the type variable of the caller, that is given for each `type[M]` among the
    parameters that are still to be given.

    Two classes for one variable are none.
    """
    found: dict[str, Kind] = {}
    given = iter(args)
    for param in params:
        kind = next(given, None) if param.kind in _POSITIONAL else None
        kind = words.get(param.name, kind or UNKNOWN)
        for name in _type_of(param.ann) if param.ann is not None else ():
            one = kind if kind.name in _CLASSES or is_variable(kind) else UNKNOWN
            found[name] = one if found.get(name, one) == one else UNKNOWN
    return {name: kind for name, kind in found.items() if kind.known}


def _type_of(ann: Ann) -> Iterator[str]:
    """The names in `type[M]`, also where it is one of several, or inside another."""
    if ann.kind == "item" and ann.args[0].name.rpartition(".")[2] in ("Type", "type"):
        yield from (one.name.rpartition(".")[2] for one in ann.args[1:] if one.kind == "name")
    elif ann.kind in ("item", "union", "tuple"):
        for one in ann.args:
            yield from _type_of(one)
