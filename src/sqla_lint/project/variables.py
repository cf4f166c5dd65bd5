"""Type variables of generic classes: what `M` stands for in a `Repository[User]`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from sqla_lint.catalog import kinds
from sqla_lint.project.annotations import ALIAS
from sqla_lint.project.classes import Classes
from sqla_lint.project.kind import LOADED_BY, UNKNOWN, Kind

_VARIABLE = "variable "
SELF = f"{_VARIABLE}Self"  # `typing.Self`: an object of the class that is asked
# What a value keeps that a statement has given, when its class is known.
_KEPT = LOADED_BY | {"queried"}
# Bases over bases, and containers in containers, are followed no further.
DEPTH_LIMIT = 6


def variable(name: str, bound: Kind) -> Kind:
    """The value of ``M = TypeVar("M", bound=Base)``; an object of it is of the bound, and known to
    be of the variable."""
    one = bound._replace(traits=bound.traits | {f"{_VARIABLE}{name}"})
    return Kind(ALIAS, of=(one,), label=name)


def is_variable(kind: Kind) -> bool:
    """A type variable itself, or an object of one."""
    return (kind.name == ALIAS and bool(kind.label)) or _name(kind) is not None


def is_some(kind: Kind) -> bool:
    """An object of a type variable whose bound has no table: of a class below, which may have
    one."""
    return kind.name == kinds.INSTANCE and _name(kind) is not None


def _name(kind: Kind) -> str | None:
    for trait in kind.traits:
        if trait.startswith(_VARIABLE):
            return trait[len(_VARIABLE) :]
    return None


def mentions(kind: Kind, depth: int = 0) -> bool:
    """It is, or holds, something of a type variable."""
    if is_variable(kind):
        return True
    return depth < DEPTH_LIMIT and any(mentions(one, depth + 1) for one in kind.of)


def named_variables(found: Iterable[Kind], depth: int = 0) -> set[str]:
    """The names of the variables that kinds are, or hold something of, but for `Self`."""
    names: set[str] = set()
    for kind in found:
        name = kind.label if kind.name == ALIAS and kind.label else _name(kind)
        if name is not None and name != "Self":
            names.add(name)
        elif depth < DEPTH_LIMIT:
            names |= named_variables(kind.of, depth + 1)
    return names


def values(classes: Classes, label: str, given: tuple[Kind, ...]) -> dict[str, Kind]:
    """What the variables of a class and of those above it stand for: ``class Users(Repo[User])``.

    One name for two things in one lineage stands for neither.
    """
    found: dict[str, Kind] = {}
    _collect(classes, label, given, found, 0)
    return found


def _collect(
    classes: Classes, label: str, given: tuple[Kind, ...], found: dict[str, Kind], depth: int
) -> None:
    info = classes.get(label)
    if info is None or depth > DEPTH_LIMIT:
        return
    own = dict(zip(info.variables, given, strict=False))
    for name, kind in own.items():
        if kind.known and not is_variable(kind):
            found[name] = kind if found.get(name, kind) == kind else UNKNOWN
    for base, arguments in zip(info.bases, info.arguments, strict=False):
        if base.name in (kinds.CLASS, kinds.MAPPED_CLASS):
            handed = tuple(
                own.get(one.label, one) if is_variable(one) else one for one in arguments
            )
            _collect(classes, base.label, handed, found, depth + 1)


def bind(
    kind: Kind, known: Mapping[str, Kind], instance: Callable[[Kind], Kind], depth: int = 0
) -> Kind:
    """A kind with the variables replaced by what they stand for."""
    if kind.name == ALIAS and kind.label in known:
        return known[kind.label]
    name = _name(kind)
    if name is not None:
        if not known.get(name, UNKNOWN).known:
            return kind
        one = instance(known[name])
        return one._replace(traits=one.traits | (kind.traits & _KEPT), loaded=kind.loaded)
    if not kind.of or depth >= DEPTH_LIMIT:
        return kind
    return kind._replace(of=tuple([bind(one, known, instance, depth + 1) for one in kind.of]))
