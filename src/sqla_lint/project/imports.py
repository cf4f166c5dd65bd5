"""Which modules importing a module loads, and what a project says of its databases."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from sqla_lint.catalog.loaders import BY_NAME
from sqla_lint.ir import Const, Module, Op
from sqla_lint.project.bodies import may_say
from sqla_lint.project.index import Index, imported_names

_URL = re.compile(r"(mysql|mariadb|sqlite|postgres|postgresql|oracle|mssql|cockroachdb)(\+\w+)?://")
# A database that is gone with its last connection: of tests, examples, and what must say something.
_TRANSIENT = re.compile(r"sqlite(\+\w+)?://(/(:memory:|file:.*(:memory:|mode=memory).*))?$")
_ENGINES = frozenset({"create_engine", "create_async_engine", "async_engine_from_config"})


class Imports:
    """The import graph of a project; an import inside a function counts."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self._direct: dict[str, frozenset[str]] = {}
        self._reached: dict[str, frozenset[str]] = {}
        self._importers: dict[str, set[str]] | None = None
        self._dialects: frozenset[str] | None = None
        self._by_name: bool | None = None

    def direct(self, name: str) -> frozenset[str]:
        """What a module imports itself, with the packages it and they lie in."""
        found = self._direct.get(name)
        if found is not None:
            return found
        module = self.index.modules.get(name)
        names: frozenset[str] = frozenset()
        if module is not None:
            names = self.index.facts.of(module, "imports", self._imported)
        found = self._direct[name] = names - {name}
        return found

    def _imported(self, module: Module) -> frozenset[str]:
        return frozenset(self._found(module, imported_names(module)))

    def _found(self, module: Module, imported: set[str]) -> set[str]:
        names: set[str] = set()
        for dotted in (*imported, module.name):
            parts = dotted.split(".")
            for i in range(1, len(parts) + 1):
                one = self.index.find(".".join(parts[:i]), module)
                if one is not None:
                    names.add(one.name)
        return names

    def reached_before(self, start: str, module: Module, function: str, at: int) -> frozenset[str]:
        """As `reached`, without what a function of ``module`` imports after ``at``."""
        seen = {start}
        waiting = [start]
        while waiting:
            name = waiting.pop()
            direct = self.direct(name)
            if name == module.name:
                direct = frozenset(self._found(module, imported_names(module, function, at)))
            for one in direct - seen:
                seen.add(one)
                waiting.append(one)
        return frozenset(seen)

    def reached(self, start: str) -> frozenset[str]:
        """The modules that importing one loads, itself included."""
        known = self._reached.get(start)
        if known is None:
            seen = {start}
            waiting = [start]
            while waiting:
                for name in self.direct(waiting.pop()):
                    if name not in seen:
                        seen.add(name)
                        waiting.append(name)
            known = self._reached[start] = frozenset(seen)
        return known

    def leading_to(self, target: str) -> frozenset[str]:
        """The modules that load ``target``, itself included."""
        if self._importers is None:
            self._importers = {}
            for name in self.index.modules:
                for other in self.direct(name):
                    self._importers.setdefault(other, set()).add(name)
        seen = {target}
        waiting = [target]
        while waiting:
            for name in self._importers.get(waiting.pop(), ()):
                if name not in seen:
                    seen.add(name)
                    waiting.append(name)
        return frozenset(seen)

    def by_name(self) -> bool:
        """Modules are imported by strings: any may be."""
        if self._by_name is None:
            self._by_name = any(map(self.loads_by_name, self.index.modules.values()))
        return self._by_name

    def loads_by_name(self, module: Module) -> bool:
        """This module imports others by strings."""
        return self.index.facts.of(module, "by name", _by_name)

    def dialects(self) -> frozenset[str]:
        """The databases that the URLs in the project's strings name."""
        if self._dialects is None:
            found: set[str] = set()
            for module in self.index.modules.values():
                found |= self.index.facts.of(module, "dialects", _dialects)
            self._dialects = frozenset(found)
        return self._dialects

    def keeps_in_sqlite(self, counts: Callable[[str], bool]) -> bool:
        """A URL in a file that counts names a file of SQLite's, or is an engine's."""
        found = [
            self.index.facts.of(module, "sqlite", _sqlite)
            for module in self.index.modules.values()
            if counts(module.path)
        ]
        handed = frozenset().union(*(one.handed for one in found))
        return any(one.surely or not handed.isdisjoint(one.stand_ins) for one in found)


def _dialects(module: Module) -> set[str]:
    return {match[1].replace("postgresql", "postgres") for _, match in _urls(module)}


def _urls(module: Module) -> Iterator[tuple[Op, re.Match[str]]]:
    """The URLs that operations take, each with where its dialect is said."""
    for op in _ops(module, "://"):
        for one in (op.on, *(a.value for a in op.args)):
            if isinstance(one, Const) and isinstance(one.value, str):
                match = _URL.match(one.value)
                if match is not None:
                    yield op, match


class _Sqlite(NamedTuple):
    """What a module says of SQLite: whether something is surely kept there, the names of URLs that
    may be stand-ins, and the names that its engines are made of."""

    surely: bool
    stand_ins: frozenset[str]
    handed: frozenset[str]


def _sqlite(module: Module) -> _Sqlite:
    urls = [(op, match) for op, match in _urls(module) if match[1] == "sqlite"]
    surely = any(_TRANSIENT.match(m.string) is None or _makes_engine(op) for op, m in urls)
    stand_ins = frozenset(_name(op.dst) for op, _ in urls if op.dst is not None)
    handed = {
        _name(arg.value)
        for op in _ops(module, *_ENGINES)
        if _makes_engine(op)
        for arg in op.args
        if isinstance(arg.value, str)
    }
    return _Sqlite(surely, stand_ins - {""}, frozenset(handed))


def _name(place: str) -> str:
    """The last name of a place; "" of a temporary, which means nothing elsewhere."""
    return "" if place.startswith("%") else place.rpartition(".")[2]


def _makes_engine(op: Op) -> bool:
    return op.do == "call" and (op.name or str(op.on).rpartition(".")[2]) in _ENGINES


def _by_name(module: Module) -> bool:
    return any(
        op.do == "call" and (op.name or str(op.on).rpartition(".")[2]) in BY_NAME
        for op in _ops(module, *BY_NAME)
    )


def _ops(module: Module, *words: str) -> Iterator[Op]:
    """The operations of the functions that may hold one of these words."""
    for function in module.functions.values():
        if may_say(function, *words):
            for block in function.blocks:
                yield from block.ops
