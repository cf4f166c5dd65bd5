"""What SQLAlchemy is: its names, and per kind of object its members and what they return and do.

The facts are data, generated from SQLAlchemy's source by `catalog.generate` for the versions in
`SHIPPED`, and loaded in milliseconds without importing SQLAlchemy. Libraries that stand on it are
small tables in `catalog.packs`.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypeAlias

from sqla_lint.catalog import kinds, packs
from sqla_lint.catalog.member import Member, decode

__all__ = ["SHIPPED", "Catalog", "Member", "kinds", "load", "load_file"]

SHIPPED: dict[tuple[int, int], str] = {
    (1, 4): "1.4.54",
    (2, 0): "2.0.58",
    (2, 1): "2.1.9",
}
DATA = Path(__file__).parent / "data"

_Json: TypeAlias = dict[str, dict[str, str]]


class _Class(NamedTuple):
    kind: str
    is_async: bool
    bases: tuple[str, ...]
    own: frozenset[str]


class Catalog:
    """SQLAlchemy of one version. Dotted names are taken as an importer would write them."""

    def __init__(self, raw: dict[str, object], version: tuple[int, int]) -> None:
        self.version = version
        self.release = str(raw["version"])
        self._modules: dict[str, str] = _table(raw["modules"])
        self._classes: dict[str, str] = _table(raw["classes"])
        self._functions: dict[str, str] = _table(raw["functions"])
        self._members: _Json = {k: _table(v) for k, v in _pairs(raw["members"])}
        self._names: dict[str, dict[str, str]] = {}
        self._class_cache: dict[str, _Class] = {}
        self._member_cache: dict[tuple[str, str], Member | None] = {}
        self._canonical_cache: dict[str, str | None] = {}

    # --- names

    def canonical(self, dotted: str) -> str | None:
        """The one name of what ``dotted`` leads to, whichever way it was imported.

        The same thing has the same name in every version (as 2.0 spells it shortest), so it is an
        identity and not always importable: "sqlalchemy.Engine" is also 1.4's engine. Members of a
        class follow it: "sqlalchemy.orm.Session.get". None when this version has no such thing.
        """
        try:
            return self._canonical_cache[dotted]
        except KeyError:
            found = self._find(dotted)
            if found is None and self._is_canonical(dotted):
                found = dotted
            self._canonical_cache[dotted] = found
            return found

    def exists(self, dotted: str) -> bool:
        """Whether it can be imported from this version: a module, a name in one, or a member of a
        class. Strictly by the path given: 1.4 has no ``sqlalchemy.Engine``."""
        return self._find(dotted) is not None

    def is_module(self, dotted: str) -> bool:
        return dotted in self._modules

    def _find(self, dotted: str) -> str | None:
        if not dotted.startswith("sqlalchemy"):
            forwarded = packs.forwarded(dotted)
            return self._find(forwarded) if forwarded else packs.canonical(dotted)
        module, rest = dotted, ""
        while module not in self._modules:
            module, _, last = module.rpartition(".")
            if not module:
                return None
            rest = f"{last}.{rest}" if rest else last
        if not rest:
            return module
        first, _, attributes = rest.partition(".")
        found = self._names_of(module).get(first)
        if found is None:
            return None
        if not found or found in self._modules:  # something foreign, or an alias of a module
            return self._find(f"{found}.{attributes}") if found and attributes else found or dotted
        for name in attributes.split(".") if attributes else ():
            if found in self._classes and not self._class_has(found, name):
                return None
            found = f"{found}.{name}"
        return found

    def _is_canonical(self, dotted: str) -> bool:
        """A canonical name that this version cannot import, of a thing it has elsewhere."""
        if dotted in self._classes or dotted in self._functions:
            return True
        owner, _, name = dotted.rpartition(".")
        return owner in self._classes and self._class_has(owner, name)

    def _names_of(self, module: str) -> dict[str, str]:
        """name -> canonical name ("" for what does not come from SQLAlchemy)."""
        names = self._names.get(module)
        if names is None:
            names = {}
            for entry in self._modules[module].split():
                name, equals, target = entry.partition("=")
                names[name] = target if equals else f"{module}.{name}"
            self._names[module] = names
        return names

    # --- classes

    def exports(self, module: str) -> tuple[str, ...]:
        """What `from module import *` binds: its public names."""
        return tuple(sorted(n for n in self._names_of(module) if not n.startswith("_")))

    def class_kind(self, dotted: str) -> tuple[str, bool] | None:
        """The kind of an *instance* of the class, and whether it is the asyncio twin."""
        name = self.canonical(dotted)
        if name is None:
            return None
        pack = packs.class_kind(name)
        if pack is not None:
            return pack
        cls = self._class(name)
        return (cls.kind, cls.is_async) if cls is not None and cls.kind else None

    def is_class(self, dotted: str) -> bool:
        name = self.canonical(dotted)
        return name is not None and (name in self._classes or packs.class_kind(name) is not None)

    def ancestors(self, dotted: str) -> tuple[str, ...]:
        """The class and its bases, nearest first, as canonical names; "Exception" is Python's."""
        name = self.canonical(dotted)
        if name is None:
            return ()
        out = [name]
        for base in out:
            cls = self._class(base)
            if cls is not None:
                out.extend(b for b in cls.bases if b not in out)
        return tuple(out)

    def _class(self, name: str) -> _Class | None:
        cls = self._class_cache.get(name)
        if cls is None:
            text = self._classes.get(name)
            if text is None:
                return None
            kind, bases, own = text.split("|")
            cls = _Class(
                kind.rstrip("!"), kind.endswith("!"), tuple(bases.split()), frozenset(own.split())
            )
            self._class_cache[name] = cls
        return cls

    def _class_has(self, name: str, member: str) -> bool:
        if member.startswith("_"):
            return True  # not in the data
        for base in self.ancestors(name):
            cls = self._class(base)
            if cls is None or member in cls.own or "__getattr__" in cls.own:
                return True  # a class from outside may have anything
        return False

    # --- what comes out of a call

    def function(self, dotted: str) -> Member | None:
        """What calling it gives: a function, a class, ``func.any``, ``Class.classmethod``."""
        name = self.canonical(dotted)
        if name is None:
            return None
        pack = packs.function(name)
        if pack is not None:
            return pack
        text = self._functions.get(name)
        if text is not None:
            return decode(text)
        if name.startswith("sqlalchemy.func."):
            return Member(returns=kinds.COLUMN_EXPR)
        cls = self._class(name)
        if cls is not None:
            return self._constructed(cls)
        owner, _, attribute = name.rpartition(".")
        kind = self.class_kind(owner) if owner in self._classes else None
        if kind is None:
            return None
        member = self.member(*kind, attribute)
        if member is not None and member.returns == kinds.SELF:
            return member._replace(returns=kind[0], is_async=kind[1])
        return member

    def _constructed(self, cls: _Class) -> Member | None:
        if not cls.kind:
            return Member(returns="")
        opens = cls.kind in (kinds.SESSION, kinds.ENGINE)
        return Member(
            returns=cls.kind,
            is_async=cls.is_async,
            enters=self.entered(cls.kind, cls.is_async),
            effects=("open",) if opens else (),
        )

    def returns_async(self, dotted: str) -> bool:
        """Whether the call gives the asyncio twin: ``create_async_engine``, ``AsyncSession``."""
        member = self.function(dotted)
        return member is not None and member.is_async

    def entered(self, kind: str, is_async: bool) -> str:
        """The kind that ``with``/``async with`` over this kind binds; "" when it cannot."""
        enter = self.member(kind, is_async, "__aenter__" if is_async else "__enter__")
        if enter is None:
            return ""
        return kind if enter.returns == kinds.SELF else enter.returns

    # --- members

    def member(self, kind: str, is_async: bool, name: str) -> Member | None:
        """The member of a kind; None when no class of this kind has it in this version."""
        key = (f"{kind}!" if is_async else kind, name)
        try:
            return self._member_cache[key]
        except KeyError:
            text = self._members.get(key[0], {}).get(name)
            found = decode(text) if text is not None else packs.member(kind, is_async, name)
            if found is None and is_async and kind == kinds.SESSION_FACTORY:
                # 1.4 has no async_sessionmaker: sessionmaker(class_=AsyncSession) is one
                plain = self.member(kind, False, name)
                of_session = plain is not None and kinds.SESSION in (plain.returns, plain.enters)
                found = plain._replace(is_async=True) if plain and of_session else plain
            if found is None and kind == kinds.FLASK_DB:
                proxied = self.flask_proxied(name)
                found = self.function(proxied) if proxied else None
            self._member_cache[key] = found
            return found

    def flask_proxied(self, name: str) -> str | None:
        """What ``db.name`` is when Flask-SQLAlchemy's object only passes SQLAlchemy's name on."""
        for module in packs.FLASK_PROXIES:
            found = self.canonical(f"{module}.{name}")
            if found is not None:
                return found
        return None

    def members(self, kind: str, is_async: bool = False) -> tuple[str, ...]:
        """All names `member` answers for, of SQLAlchemy itself."""
        return tuple(self._members.get(f"{kind}!" if is_async else kind, ()))

    def has_members(self, kind: str, is_async: bool = False) -> bool:
        """Whether the members of this kind are known, so that a missing one means something."""
        if kind == kinds.SESSION_FACTORY:
            is_async = False  # see `member`
        return (f"{kind}!" if is_async else kind) in self._members


def _pairs(value: object) -> list[tuple[str, object]]:
    assert isinstance(value, dict)
    return list(value.items())


def _table(value: object) -> dict[str, str]:
    assert isinstance(value, dict)
    return value


def load_file(path: Path) -> Catalog:
    """The catalog in a file that `catalog.generate` wrote."""
    raw = json.loads(path.read_bytes())
    major, minor = str(raw["version"]).split(".")[:2]
    return Catalog(raw, (int(major), int(minor)))


@cache
def load(version: tuple[int, int]) -> Catalog:
    """The nearest shipped version that is not newer; the oldest for anything before it."""
    fitting = [v for v in SHIPPED if v <= version[:2]]
    nearest = max(fitting) if fitting else min(SHIPPED)
    return load_file(DATA / f"sqlalchemy-{nearest[0]}.{nearest[1]}.json")
