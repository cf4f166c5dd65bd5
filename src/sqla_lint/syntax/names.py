"""Which scope each name belongs to.

While a body is lowered its scope only collects the names it binds and the names it reads. When the
whole file is done, `resolve` tells from that what each function captures, because a name may be
bound after the nested function that reads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from sqla_lint.ir import MODULE_BODY, Place

ScopeKind: TypeAlias = Literal["module", "class", "def", "lambda"]


@dataclass(slots=True, eq=False)
class Scope:
    """The names of one module, class body, def or lambda."""

    qualname: str
    kind: ScopeKind
    parent: Scope | None
    # The comprehension variables around the definition: name -> place in the parent.
    around: Mapping[str, Place] = field(default_factory=dict)
    bound: set[str] = field(default_factory=set)
    read: set[str] = field(default_factory=set)
    globals: set[str] = field(default_factory=set)
    nonlocals: set[str] = field(default_factory=set)
    captures: dict[str, str] = field(default_factory=dict)
    # Places of the parent (function variables, comprehension variables) this scope needs.
    needs: list[Place] = field(default_factory=list)

    def locals(self) -> frozenset[str]:
        return frozenset(self.bound - self.globals - self.nonlocals)


def inner_name(scope: Scope, name: str) -> str:
    """The qualname of a definition called ``name`` in ``scope``."""
    if scope.kind == "module":
        return name
    if scope.kind == "class":
        return f"{scope.qualname}.{name}"
    return f"{scope.qualname}.<locals>.{name}"


def resolve(scopes: Iterable[Scope]) -> None:
    """Fill `Scope.captures` and `Scope.needs`. Inner scopes must come after outer ones.

    A name is looked for in the enclosing functions, not in enclosing classes, then in the module.
    What is bound nowhere (builtins, star imports) is captured from nowhere. A comprehension's
    variable is captured from ``"<qualname>@<number>"``.
    """
    ordered = list(scopes)
    module_names = set(ordered[0].bound)
    for scope in ordered:
        module_names |= scope.globals
    # What inner scopes want from this one or further out.
    wanted: dict[int, set[str]] = {id(scope): set() for scope in ordered}
    for scope in reversed(ordered):
        own = scope.locals()
        visible = own if scope.kind in ("def", "lambda") else frozenset[str]()
        free = (scope.read | scope.nonlocals) - own - scope.globals
        free |= wanted[id(scope)] - visible
        needs: set[Place] = set()
        for name in sorted(free | scope.globals):
            found = _find(scope, name, module_names)
            if found is None:
                continue
            scope.captures[name] = found
            if found != MODULE_BODY and scope.parent is not None:
                needs.add(scope.around.get(name, name))
                if name not in scope.around:
                    wanted[id(scope.parent)].add(name)
        scope.needs = sorted(needs)


def _find(scope: Scope, name: str, module_names: set[str]) -> str | None:
    """The qualname of the scope that binds a free name."""
    if name not in scope.globals:
        inner, outer = scope, scope.parent
        while outer is not None:
            if name in inner.around:
                place = inner.around[name]
                return f"{outer.qualname}@{place.rpartition('@')[2]}"
            if outer.kind in ("def", "lambda"):
                if name in outer.globals:
                    break
                if name in outer.bound and name not in outer.nonlocals:
                    return outer.qualname
            inner, outer = outer, outer.parent
    return MODULE_BODY if name in module_names else None
